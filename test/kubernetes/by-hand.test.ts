import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { review } from '../../src/injector/review.ts'
import { find, type KubernetesObject, kustomize } from './kustomize.ts'

const IMAGE = 'ringside:0.1.0'
const NAMES = ['ringside-config', 'ringside-socket', 'ringside-journal']

/** What the injector adds to a pod with these annotations: the container, where it goes, and the volumes. */
function injected(annotations: Readonly<Record<string, string>>) {
  const object = {
    metadata: { name: 'shop', annotations: { 'ringside.dev/inject': 'true', ...annotations } },
    spec: { containers: [{ name: 'app', image: 'shop' }] },
  }
  const result = review({ operation: 'CREATE', object }, 'pod', { image: IMAGE, mode: 'native', minor: 36 })
  if (result.outcome !== 'injected') throw new Error(JSON.stringify(result))
  const added = result.patch.map(({ path, value }) => ({ path, value: value as Record<string, unknown> }))
  return {
    container: added.find(({ value }) => value?.image === IMAGE),
    volumes: added.filter(({ path }) => path === '/spec/volumes/-').map(({ value }) => value),
  }
}

describe('a sidecar that is written by hand', () => {
  it.each([
    ['native', 'Deployment', { 'ringside.dev/mode': 'native' }],
    ['classic', 'Deployment', { 'ringside.dev/mode': 'classic' }],
    ['uds', 'Deployment', { 'ringside.dev/mode': 'native', 'ringside.dev/transport': 'uds' }],
    ['job', 'Job', { 'ringside.dev/mode': 'native' }],
  ])('is what would be injected: examples/%s', async (example, kind, annotations) => {
    const { spec } = find(await kustomize(`k8s/examples/${example}`), kind, 'shop').spec.template
    const { container, volumes } = injected(annotations)
    const list = container?.path.split('/')[2] as string
    expect(spec[list][0]).toEqual(container?.value)
    expect(spec.volumes.filter(({ name }: { name: string }) => NAMES.includes(name))).toEqual(volumes)
  })
})

describe('the policy that injects without a webhook', () => {
  /** The container that its expression builds: objects of CEL, which without the names of their types are YAML. */
  function containerOf(objects: readonly KubernetesObject[]) {
    const { mutations } = find(objects, 'MutatingAdmissionPolicy', 'ringside-injector').spec
    const expression = mutations.at(-1).jsonPatch.expression as string
    const text = expression.slice(expression.indexOf('Object.spec.initContainers{'), expression.lastIndexOf('}]'))
    const { data } = find(objects, 'ConfigMap', 'ringside-injection')
    const said = text.replace(/params\.data\.(\w+)/g, (_, key: string) => JSON.stringify(data[key]))
    return parse(said.replace(/Object[.\w]*\{/g, '{'))
  }

  it('adds the container that the webhook would', async () => {
    const objects = await kustomize('k8s/overlays/webhook-free')
    expect(containerOf(objects)).toEqual(injected({ 'ringside.dev/mode': 'native' }).container?.value)
  })
})
