import { readdirSync, readFileSync } from 'node:fs'
import { applyPatch, type Operation } from 'rfc6902'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { type Injector, review } from '../../src/injector/review.ts'

const FOLDER = 'test/injector/golden'

/** What each pod is reviewed under, by the end of its name: `uds.classic.pod.yaml` by an injector that knows no native sidecars. */
const INJECTORS: Readonly<Record<string, Injector>> = {
  native: { image: 'ringside:0.1.0', mode: 'auto', minor: 36 },
  classic: { image: 'ringside:0.1.0', mode: 'auto', minor: 28 },
}

const names = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.pod.yaml') ? [file.slice(0, -9)] : []))

describe('the pods in test/injector/golden', () => {
  it.each(names)('%s becomes what is written beside it', async (name) => {
    const pod = parse(readFileSync(`${FOLDER}/${name}.pod.yaml`, 'utf8')) as object
    const injector = INJECTORS[name.split('.').at(-1) as string] as Injector
    const result = review({ operation: 'CREATE', object: pod }, 'namespace', injector)
    expect(result).toMatchObject({ outcome: 'injected', warnings: [] })
    const { patch } = result as unknown as { patch: Operation[] }
    await expect(stringify(patch, { lineWidth: 0 })).toMatchFileSnapshot(`golden/${name}.patch.yaml`)
    applyPatch(pod, structuredClone(patch))
    await expect(stringify(pod, { lineWidth: 0 })).toMatchFileSnapshot(`golden/${name}.injected.yaml`)
  })

  it('are some of each kind', () => {
    expect(new Set(names.map((name) => name.split('.').at(-1)))).toEqual(new Set(Object.keys(INJECTORS)))
  })
})
