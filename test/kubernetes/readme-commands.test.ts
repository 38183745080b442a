import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type KubernetesObject, kustomize } from './kustomize.ts'
import { flawsOf } from './strict-walker.ts'

/** The commands of a document's shell blocks, without what is said about them. */
function commandsOf(document: string): string[] {
  const blocks = [...readFileSync(document, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
  const inline = [...readFileSync(document, 'utf8').matchAll(/`((?:kubectl|helm) [^`]+)`/g)].map(
    ([, text]) => text ?? '',
  )
  return [...blocks.join('').split('\n'), ...inline].map((line) => line.replace(/\s+#.*/, '').trim())
}

const commands = ['README.md', 'k8s/README.md'].flatMap(commandsOf)
const applied = commands.flatMap((command) => /^kubectl apply -k (k8s\/\S+)$/.exec(command)?.[1] ?? [])

describe('the commands of the README', () => {
  it('are there', () => {
    expect(applied).toEqual(expect.arrayContaining(['k8s/overlays/dev', 'k8s/examples/injected']))
  })

  it.each(applied)('apply what a strict API server takes: %s', async (folder) => {
    const objects = await kustomize(folder)
    expect(objects.length).toBeGreaterThan(0)
    expect(objects.flatMap(flawsOf)).toEqual([])
  })

  it('speak of deployments and containers that are then there', async () => {
    const objects = (await Promise.all(applied.map(kustomize))).flat()
    const named = commands.flatMap((command) => {
      const [, namespace, name] = /^kubectl -n (\S+) .*deployment\/(\S+)/.exec(command) ?? []
      return namespace === undefined ? [] : [{ namespace, name, container: / -c (\S+)/.exec(command)?.[1] }]
    })
    expect(named.length).toBeGreaterThan(1)
    for (const { namespace, name, container } of named) {
      const isIt = ({ kind, metadata }: KubernetesObject) =>
        kind === 'Deployment' && metadata.name === name && metadata.namespace === namespace
      const containers = objects.find(isIt)?.spec.template.spec.containers.map((one: { name: string }) => one.name)
      expect(containers, `${namespace}/${name}`).toEqual(
        container === undefined ? expect.any(Array) : expect.arrayContaining([container]),
      )
    }
  })

  it('build the image that is applied', async () => {
    const [, image] =
      /^docker build -t (\S+) \.$/.exec(commands.find((one) => one.startsWith('docker build')) ?? '') ?? []
    const images = (await Promise.all(['k8s/overlays/dev', 'k8s/examples/injected'].map(kustomize)))
      .flat()
      .flatMap(({ kind, spec }) => (kind === 'Deployment' ? spec.template.spec.containers : []))
      .map((container: { image: string }) => container.image)
    expect(new Set(images)).toEqual(new Set([image]))
  })

  it('lead to folders that exist', () => {
    const text = readFileSync('k8s/README.md', 'utf8')
    const paths = [...text.matchAll(/`((?:overlays|components|examples|base|tests|chart)\/[\w-]*)`/g)].map(
      ([, path]) => path,
    )
    expect(paths.filter((path) => !existsSync(`k8s/${path}`))).toEqual([])
  })
})
