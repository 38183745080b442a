import { CONTAINER, INJECTED, SIDECAR_ID, STATUS, VOLUMES } from '../../src/injector/names.ts'
import type { Json } from './pods.ts'

type Named = { name: string } & Record<string, unknown>

const OURS = {
  variables: ['RINGSIDE_ADDR', 'RINGSIDE_SOCKET'],
  volumes: Object.values(VOLUMES) as string[],
  labels: [INJECTED],
  annotations: [STATUS, 'kubectl.kubernetes.io/default-container'],
}

/** A pod with a sidecar, less all that an injector may add to `before`: the rest has to be `before` again. */
export function withoutSidecar(after: Json, before: Json): Json {
  const [old, pod] = [before as unknown as Pod, structuredClone(after) as unknown as Pod]
  for (const list of ['initContainers', 'containers'] as const) {
    const kept = pod.spec[list]?.filter(({ name }) => name !== CONTAINER)
    kept?.forEach((container, index) => {
      const was = old.spec[list]?.[index]
      drop(container, 'env', was?.env, OURS.variables)
      drop(container, 'volumeMounts', was?.volumeMounts, [VOLUMES.socket])
    })
    if (kept !== undefined) pod.spec[list] = kept
  }
  drop(pod.spec, 'volumes', old.spec.volumes, OURS.volumes)
  const groups = pod.spec.securityContext?.supplementalGroups
  if (groups !== undefined && !old.spec.securityContext?.supplementalGroups?.includes(SIDECAR_ID)) {
    pod.spec.securityContext!.supplementalGroups = groups?.filter((group) => group !== SIDECAR_ID)
  }
  for (const map of ['labels', 'annotations'] as const) {
    for (const key of OURS[map]) {
      if (!Object.hasOwn(old.metadata?.[map] ?? {}, key)) delete pod.metadata?.[map]?.[key]
    }
  }
  return pod as unknown as Json
}

/** Without what is null or empty: Kubernetes does not tell the one from the other. */
export function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(bare)
  if (typeof value !== 'object' || value === null) return value ?? undefined
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const rest = bare(inner)
    return rest === undefined ? [] : [[key, rest] as const]
  })
  return kept.length === 0 ? undefined : new Map(kept)
}

interface Pod {
  metadata?: { labels?: Record<string, string> | null; annotations?: Record<string, string> | null }
  spec: {
    containers: Named[]
    initContainers?: Named[] | null
    volumes?: Named[] | null
    securityContext?: { supplementalGroups?: number[] } | null
  }
}

/** Removes from a list of `holder` the named items that were not in it before; the last of its name, as it was added. */
function drop(holder: object, list: string, before: unknown, names: readonly string[]): void {
  const items = (holder as Record<string, Named[] | null | undefined>)[list]
  if (!Array.isArray(items)) return
  const was = (before ?? []) as Named[]
  const added = items.length - was.length
  const ours = items.filter(({ name }) => names.includes(name)).slice(list === 'env' ? 0 : -added)
  const taken = new Set(added <= 0 ? [] : list === 'env' ? ours.slice(0, added) : ours)
  ;(holder as Record<string, unknown>)[list] = items.filter((item) => !taken.has(item))
}
