import { describe, expect, it } from 'vitest'
import { type KubernetesObject, kustomizations, kustomize } from './kustomize.ts'

type Labels = Readonly<Record<string, string>>

interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: string[] }[]
}

interface Webhook {
  readonly name: string
  readonly failurePolicy: string
  readonly timeoutSeconds: number
  readonly namespaceSelector: Selector
  readonly objectSelector: Selector
  readonly matchConditions?: readonly { readonly expression: string }[]
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const isEqual = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  return (
    isEqual &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      if (operator === 'Exists') return value !== undefined
      if (operator === 'DoesNotExist') return value === undefined
      const isAmong = value !== undefined && values.includes(value)
      return operator === 'In' ? isAmong : !isAmong
    })
  )
}

/** The webhooks to which an API server sends a new pod that has no annotations. */
function askedAbout(webhooks: readonly Webhook[], namespace: Labels, pod: Labels): Webhook[] {
  return webhooks
    .filter(({ namespaceSelector }) => selects(namespaceSelector, namespace))
    .filter(({ objectSelector }) => selects(objectSelector, pod))
    .filter(({ matchConditions = [] }) => !matchConditions.some(({ expression }) => expression.includes('annotations')))
}

const enabled = { 'ringside.dev/injection': 'enabled' }
const closed = { ...enabled, 'ringside.dev/fail-closed': 'true' }
const LONGEST_S = 5

describe.each([...kustomizations('k8s', 'Kustomization')])('%s', (folder) => {
  const rendered = kustomize(folder)
  const ofKind = async (...kinds: readonly string[]) => (await rendered).filter(({ kind }) => kinds.includes(kind))
  const webhooks = async (): Promise<Webhook[]> =>
    (await ofKind('MutatingWebhookConfiguration')).flatMap((object: KubernetesObject) => object.webhooks)

  it('sends no pod of a namespace that did not ask to the injector, unless the pod asks itself', async () => {
    const name = { 'kubernetes.io/metadata.name': 'others' }
    expect(askedAbout(await webhooks(), name, {})).toEqual([])
    expect(askedAbout(await webhooks(), { ...name, 'ringside.dev/fail-closed': 'true' }, {})).toEqual([])
    expect(askedAbout(await webhooks(), { ...name, 'ringside.dev/injection': 'disabled' }, {})).toEqual([])
  })

  it('keeps no pod from starting where that has not been asked for, and none for long', async () => {
    const all = await webhooks()
    for (const namespace of [{}, enabled]) {
      for (const pod of [{}, { 'ringside.dev/inject': 'true' }]) {
        expect(askedAbout(all, namespace, pod).filter(({ failurePolicy }) => failurePolicy !== 'Ignore')).toEqual([])
      }
    }
    expect(askedAbout(all, closed, { 'ringside.dev/inject': 'false' })).toEqual([])
    expect(all.filter(({ timeoutSeconds }) => timeoutSeconds > LONGEST_S)).toEqual([])
    const policies = await ofKind('MutatingAdmissionPolicy')
    expect(policies.filter(({ spec }) => spec.failurePolicy !== 'Ignore')).toEqual([])
  })

  it('grants rights to named objects only, and never to everything', async () => {
    for (const { rules, metadata } of await ofKind('Role', 'ClusterRole')) {
      for (const rule of rules) {
        expect(rule.resourceNames, metadata.name).toEqual([expect.stringMatching(/^ringside-injector/)])
        expect([...rule.verbs, ...rule.resources, ...rule.apiGroups]).not.toContain('*')
      }
    }
  })
})

describe('the component for namespaces that want no pod without a sidecar', () => {
  it('asks for them without fail', async () => {
    const objects = await kustomize('k8s/tests/fail-closed')
    const webhooks = objects.find(({ kind }) => kind === 'MutatingWebhookConfiguration')?.webhooks as Webhook[]
    const asked = askedAbout(webhooks, closed, {})
    expect(asked.map(({ failurePolicy }) => failurePolicy)).toContain('Fail')
  })
})
