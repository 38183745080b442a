import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'
import { type KubernetesObject, kustomizations, kustomize } from './kustomize.ts'
import { restrictedFlaws } from './pod-security.ts'
import { flawsOf } from './strict-walker.ts'

const ROOT = 'k8s'
const folders = kustomizations(ROOT, 'Kustomization')

/** What a kustomization adds, itself and in all that it is made of. */
function partsOf(folder: string): string[] {
  const { resources = [], components = [] } = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
  const below = [...resources, ...components].filter((path: string) => !path.endsWith('.yaml'))
  return below.flatMap((path: string) => [join(folder, path), ...partsOf(join(folder, path))])
}

describe.each(folders)('%s', (folder) => {
  const rendered = kustomize(folder)

  it('is what an API server with strict validation takes', async () => {
    const objects = await rendered
    expect(objects.length).toBeGreaterThan(0)
    expect(objects.flatMap(flawsOf)).toEqual([])
  })

  it('names each object once', async () => {
    const names = (await rendered).map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('has only pods that Pod Security calls restricted', async () => {
    expect((await rendered).flatMap(restrictedFlaws)).toEqual([])
  })

  it('has no configuration that a sidecar would refuse', async () => {
    const env = { REDIS_PASSWORD: 'x', CATALOG_URL: 'postgres://u:p@db/catalog' }
    for (const text of (await rendered).flatMap(configsOf))
      expect(loadConfig(text, { env })).toMatchObject({ ok: true })
  })
})

function configsOf({ kind, data }: KubernetesObject): string[] {
  return kind === 'ConfigMap' && typeof data?.['ringside.yaml'] === 'string' ? [data['ringside.yaml']] : []
}

describe('the components', () => {
  it('are each part of something that is looked at', () => {
    const used = new Set(folders.flatMap(partsOf).map((path) => relative('.', path)))
    expect(kustomizations(ROOT, 'Component').filter((folder) => !used.has(folder))).toEqual([])
  })
})
