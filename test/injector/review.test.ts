import { describe, expect, it } from 'vitest'
import { ANNOTATIONS } from '../../src/injector/annotations.ts'
import { chooseMode } from '../../src/injector/mode.ts'
import { type Injector, review } from '../../src/injector/review.ts'
import { type Json, podOf } from './pods.ts'

const INJECTOR: Injector = { image: 'ringside:1', mode: 'auto', minor: 36 }

const reviewed = (pod: Json, optIn: 'namespace' | 'pod' = 'namespace', injector = INJECTOR, operation = 'CREATE') =>
  review({ operation, object: pod }, optIn, injector)

const annotated = (annotations: Json, spec: Json = {}) => podOf({ metadata: { annotations }, spec })
const labelled = (inject: string) => podOf({ metadata: { labels: { 'ringside.dev/inject': inject } } })

describe('whether a pod gets a sidecar', () => {
  it('is asked for by its namespace, or by the pod itself with a label or an annotation', () => {
    expect(reviewed(podOf())).toMatchObject({ outcome: 'injected', mode: 'native' })
    expect(reviewed(podOf(), 'pod')).toMatchObject({ outcome: 'skipped', reason: 'not-asked' })
    expect(reviewed(labelled('true'), 'pod')).toMatchObject({ outcome: 'injected' })
    expect(reviewed(annotated({ 'ringside.dev/inject': 'true' }), 'pod')).toMatchObject({ outcome: 'injected' })
  })

  it('is refused by a "false" of the pod, whoever else asks for one', () => {
    const both = podOf({
      metadata: { labels: { 'ringside.dev/inject': 'true' }, annotations: { 'ringside.dev/inject': 'false' } },
    })
    for (const pod of [labelled('false'), annotated({ 'ringside.dev/inject': 'false' }), both]) {
      expect(reviewed(pod)).toMatchObject({ outcome: 'skipped', reason: 'opted-out' })
    }
    const wrong = annotated({ 'ringside.dev/inject': 'false', 'ringside.dev/mode': 'nonsense' })
    expect(reviewed(wrong)).toMatchObject({ outcome: 'skipped', reason: 'opted-out' })
  })

  it('is denied to one that says neither "true" nor "false"', () => {
    expect(reviewed(labelled('yes'))).toEqual({
      outcome: 'denied',
      message: 'ringside: ringside.dev/inject: "yes" is not known; write "true" or "false"',
    })
  })

  it.each([
    ['host-network', podOf({ spec: { hostNetwork: true } })],
    ['mirror-pod', annotated({ 'kubernetes.io/config.mirror': 'x', 'ringside.dev/mode': 'nonsense' })],
    ['already-injected', podOf({ spec: { initContainers: [{ name: 'ringside' }] } })],
    ['already-injected', podOf({ spec: { containers: [{ name: 'app' }, { name: 'ringside' }] } })],
    ['not-a-pod', { kind: 'Service', spec: {} }],
    ['job-needs-native', annotated({ 'ringside.dev/mode': 'classic' }, { restartPolicy: 'OnFailure' })],
  ])('is no for the reason %s', (reason, pod) => {
    expect(reviewed(pod)).toMatchObject({ outcome: 'skipped', reason })
  })

  it('tells whoever asked for one that does not work why there is none', () => {
    const { warnings } = reviewed(podOf({ spec: { hostNetwork: true } })) as unknown as { warnings: string[] }
    expect(warnings).toEqual([expect.stringContaining('no sidecar: with hostNetwork')])
  })

  it('is a matter of new pods only', () => {
    expect(reviewed(podOf(), 'namespace', INJECTOR, 'UPDATE')).toMatchObject({ reason: 'not-a-pod' })
  })
})

describe('what a pod says about its sidecar', () => {
  it.each([
    ['config', 'Shop', 'cannot be the name of a ConfigMap'],
    ['image', 'ringside 1', 'cannot be the name of an image'],
    ['image', '', 'cannot be the name of an image'],
    ['mode', 'sidecar', 'is not known; write auto, native or classic'],
    ['startup', 'sometimes', 'is not known; write required or optional'],
    ['transport', 'http', 'is not known; write tcp, uds or both'],
    ['grpc-port', '80', 'write one from 1024 to 65535'],
    ['admin-port', '70000', 'write one from 1024 to 65535'],
    ['health-port', '7402.5', 'write one from 1024 to 65535'],
    ['cpu-request', '-1', 'is no amount of CPU'],
    ['cpu-limit', 'much', 'is no amount of CPU'],
    ['memory-request', '12', 'is too little for a sidecar; write 64Mi or more'],
    ['memory-limit', '1e3', 'is no amount of memory'],
    ['log-level', 'loud', 'is not known; write debug, info, warn or error'],
    ['env', 'A B', 'write NAME=value, one a line'],
    ['env', 'A=1\nA=2', 'sets A twice'],
    ['env', 'RINGSIDE_CONFIG=/tmp/x', 'sets RINGSIDE_CONFIG, which the injector sets itself'],
    ['env-from', 'catalog', 'write secret/NAME or configmap/NAME'],
  ])('is denied with the name, the flaw and the mend where %s is %j', (name, value, flaw) => {
    const result = reviewed(annotated({ [`ringside.dev/${name}`]: value }))
    expect(result.outcome).toBe('denied')
    const { message } = result as { message: string }
    expect(message).toContain(`annotation ringside.dev/${name}: `)
    expect(message).toContain(flaw)
  })

  it('has a flaw of its own for each annotation there is', () => {
    for (const [name, { parse }] of Object.entries(ANNOTATIONS)) expect(parse(' \u0000').ok, name).toBe(false)
  })

  it('is denied with all flaws at once', () => {
    const { message } = reviewed(annotated({ 'ringside.dev/mode': 'x', 'ringside.dev/startup': 'y' })) as {
      message: string
    }
    expect(message.split('; annotation ')).toHaveLength(2)
  })

  it('is denied where its ports are taken, by the app or by one another', () => {
    const app = { containers: [{ name: 'app', ports: [{ containerPort: 7400 }] }] }
    expect(reviewed(podOf({ spec: app }))).toMatchObject({
      message: expect.stringContaining('ringside.dev/grpc-port: 7400 is the port of container "app"; write another'),
    })
    expect(reviewed(annotated({ 'ringside.dev/admin-port': '7402' }))).toMatchObject({
      message: expect.stringContaining('ringside.dev/health-port: 7402 is the port of ringside.dev/admin-port'),
    })
    expect(reviewed(annotated({ 'ringside.dev/transport': 'uds' }, app)).outcome).toBe('injected')
  })

  it('is denied where a request is above its limit, while what is usual gives way', () => {
    expect(reviewed(annotated({ 'ringside.dev/memory-request': '1Gi' }))).toMatchObject({
      message: expect.stringContaining('ringside.dev/memory-limit: 256Mi is below ringside.dev/memory-request, 1Gi'),
    })
    const { patch } = reviewed(annotated({ 'ringside.dev/memory-limit': '100Mi' })) as unknown as {
      patch: { value: Json }[]
    }
    expect(patch.map(({ value }) => value.resources).find(Boolean)).toEqual({
      requests: { cpu: '50m', memory: '100Mi' },
      limits: { memory: '100Mi' },
    })
  })

  it('is warned of where a name is not known, with what was probably meant', () => {
    expect(reviewed(annotated({ 'ringside.dev/confg': 'shop' }))).toMatchObject({
      outcome: 'injected',
      warnings: [expect.stringContaining('did you mean ringside.dev/config?')],
    })
  })
})

describe('how a sidecar is part of its pod', () => {
  it.each([
    ['auto', 36, 'native'],
    ['auto', 32, 'native'],
    // A kubelet of 1.28 may be connected to it, and would wait for the sidecar to end.
    ['auto', 31, 'classic'],
    ['auto', undefined, 'classic'],
    ['native', 29, 'native'],
    ['native', undefined, 'native'],
    ['native', 28, undefined],
    ['classic', 36, 'classic'],
  ] as const)('%s on 1.%s is %s', (wanted, minor, mode) => {
    expect(chooseMode(wanted, minor)).toBe(mode)
  })

  it('is denied where it cannot be had', () => {
    expect(reviewed(annotated({ 'ringside.dev/mode': 'native' }), 'namespace', { ...INJECTOR, minor: 20 })).toEqual({
      outcome: 'denied',
      message: expect.stringContaining('ringside.dev/mode: "native" needs Kubernetes 1.29 or later, and this is 1.20'),
    })
  })
})
