import fc from 'fast-check'
import { applyPatch, type Operation } from 'rfc6902'
import { describe, expect, it } from 'vitest'
import { INJECTED } from '../../src/injector/names.ts'
import { type Injector, type Review, review } from '../../src/injector/review.ts'
import { anyPod, type Json, podOf } from './pods.ts'
import { bare, withoutSidecar } from './untouched.ts'

const RUNS = 400

const injectors = fc.record({
  image: fc.constant('ringside:1'),
  mode: fc.constantFrom('auto', 'native', 'classic'),
  minor: fc.constantFrom(20, 28, 29, 36, undefined),
}) satisfies fc.Arbitrary<Injector>

function reviewed(pod: unknown, injector: Injector): Review {
  return review({ operation: 'CREATE', object: pod }, 'namespace', injector)
}

function patched(pod: Json, result: Review): Json {
  const after = structuredClone(pod)
  const patch = result.outcome === 'injected' ? (structuredClone(result.patch) as Operation[]) : []
  expect(applyPatch(after, patch)).toEqual(patch.map(() => null))
  return after
}

describe('the patch of any pod', () => {
  it('applies, whatever lists and maps the pod lacks', () => {
    let injected = 0
    fc.assert(
      fc.property(anyPod, injectors, (pod, injector) => {
        const result = reviewed(pod, injector)
        const after = patched(pod, result)
        if (result.outcome !== 'injected') return
        injected += 1
        expect((after.metadata as { labels: Json }).labels[INJECTED]).toBe('true')
      }),
      { numRuns: RUNS },
    )
    expect(injected).toBeGreaterThan(RUNS / 10)
  })

  it('is empty the second time', () => {
    fc.assert(
      fc.property(anyPod, injectors, (pod, injector) => {
        const result = reviewed(pod, injector)
        if (result.outcome !== 'injected') return
        expect(reviewed(patched(pod, result), injector)).toMatchObject({
          outcome: 'skipped',
          reason: 'already-injected',
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('touches nothing else', () => {
    fc.assert(
      fc.property(anyPod, injectors, (pod, injector) => {
        const after = patched(pod, reviewed(pod, injector))
        expect(bare(withoutSidecar(after, pod))).toEqual(bare(pod))
      }),
      { numRuns: RUNS },
    )
  })

  it('is never the cause of a crash, whatever it is that is called a pod', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.object()), injectors, (object, injector) => {
        expect(reviewed(object, injector).outcome).toBe('skipped')
      }),
      { numRuns: RUNS },
    )
  })
})

describe('the patch of a pod that others have been at', () => {
  const injector: Injector = { image: 'ringside:1', mode: 'native', minor: 36 }

  it('leaves variables, mounts and volumes of the same name as they are', () => {
    const pod = podOf({
      metadata: { annotations: { 'ringside.dev/transport': 'both' } },
      spec: {
        containers: [
          {
            name: 'app',
            env: [{ name: 'RINGSIDE_ADDR', value: 'elsewhere:1' }],
            volumeMounts: [{ name: 'own', mountPath: '/run/ringside/' }],
          },
        ],
        volumes: [{ name: 'ringside-journal', persistentVolumeClaim: { claimName: 'journal' } }],
      },
    })
    const { spec } = patched(pod, reviewed(pod, injector)) as { spec: Record<string, Json[]> }
    expect(spec.containers?.[0]).toEqual({
      name: 'app',
      env: [
        { name: 'RINGSIDE_SOCKET', value: '/run/ringside/ringside.sock' },
        { name: 'RINGSIDE_ADDR', value: 'elsewhere:1' },
      ],
      volumeMounts: [{ name: 'own', mountPath: '/run/ringside/' }],
    })
    expect(spec.volumes?.map(({ name }) => name)).toEqual(['ringside-journal', 'ringside-config', 'ringside-socket'])
  })

  it('puts a native sidecar before the init containers, which may use it then', () => {
    const pod = podOf({ spec: { initContainers: [{ name: 'migrate' }] } })
    const { spec } = patched(pod, reviewed(pod, injector)) as { spec: Record<string, Json[]> }
    expect(spec.initContainers).toMatchObject([
      { name: 'ringside', restartPolicy: 'Always' },
      { name: 'migrate', env: [{ name: 'RINGSIDE_ADDR', value: '127.0.0.1:7400' }] },
    ])
  })

  it('lets the containers into the socket by a group of their own, unless the pod has one for its volumes', () => {
    const metadata = { annotations: { 'ringside.dev/transport': 'uds' } }
    const groupsWith = (securityContext: Json) => {
      const pod = podOf({ metadata, spec: { securityContext } })
      return (patched(pod, reviewed(pod, injector)) as { spec: Json }).spec.securityContext
    }
    expect(groupsWith({ runAsUser: 1 })).toEqual({ runAsUser: 1, supplementalGroups: [10_001] })
    expect(groupsWith({ supplementalGroups: [7] })).toEqual({ supplementalGroups: [7, 10_001] })
    expect(groupsWith({ fsGroup: 2_000 })).toEqual({ fsGroup: 2_000 })
  })
})
