import { quoted } from '../base/quoted.ts'
import type { AddOperation } from './json-patch.ts'
import { chooseMode, type Mode, NATIVE_KUBELET, type WantedMode } from './mode.ts'
import { CONTAINER, INJECT, PREFIX } from './names.ts'
import { annotationsOf, containersOf, labelsOf, type Pod, readPod } from './pod.ts'
import { podPatch } from './pod-patch.ts'
import { readSettings, unknownAnnotations } from './settings.ts'

/** Why a pod gets no sidecar although its request was right. */
export const SKIP_REASONS = [
  'not-a-pod',
  'not-asked',
  'opted-out',
  'already-injected',
  'mirror-pod',
  'host-network',
  'job-needs-native',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

/** What becomes of a pod. Warnings are for whoever creates it. */
export type Review =
  | {
      readonly outcome: 'injected'
      readonly mode: Mode
      readonly patch: readonly AddOperation[]
      readonly warnings: readonly string[]
    }
  | { readonly outcome: 'skipped'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | { readonly outcome: 'denied'; readonly message: string }

/** What the API server asks about, as far as the decision looks at it. */
export interface ReviewedRequest {
  readonly operation: string
  /** The pod, if it is one. */
  readonly object: unknown
}

export interface Injector {
  /** The image of sidecars whose pods name no other. */
  readonly image: string
  /** The mode of sidecars whose pods name no other. */
  readonly mode: WantedMode
  /** Of the API server: Kubernetes 1.`minor`; `undefined` = not known. */
  readonly minor: number | undefined
}

/**
 * Whether a pod gets a sidecar, and how. `optIn` says who asked: its namespace as a whole, or nobody so far, so that the pod has
 * to. A `"false"` of the pod always wins.
 */
export function review(request: ReviewedRequest, optIn: 'namespace' | 'pod', injector: Injector): Review {
  const pod = request.operation === 'CREATE' ? readPod(request.object) : undefined
  if (pod === undefined) return skipped('not-a-pod')
  const wish = wishOf(pod)
  if (wish === 'false') return skipped('opted-out')
  if (isInjected(pod)) return skipped('already-injected')
  if (wish === undefined && optIn === 'pod') return skipped('not-asked')
  if (Object.hasOwn(annotationsOf(pod), 'kubernetes.io/config.mirror')) return skipped('mirror-pod')
  if (wish !== 'true' && wish !== undefined) {
    return denied([`${INJECT}: ${quoted(wish)} is not known; write "true" or "false"`])
  }
  if (pod.spec.hostNetwork === true) {
    return skipped('host-network', 'no sidecar: with hostNetwork its ports would be those of the node')
  }
  return inject(pod, injector)
}

function inject(pod: Pod, injector: Injector): Review {
  const settings = readSettings(pod)
  if (!settings.ok) return denied(settings.problems)
  const { values } = settings
  const mode = chooseMode(values.mode ?? injector.mode, injector.minor)
  if (mode === undefined) {
    const needs = `needs Kubernetes 1.${NATIVE_KUBELET} or later, and this is 1.${injector.minor}`
    return denied([`annotation ${PREFIX}mode: "native" ${needs}; write classic or auto`])
  }
  if (mode === 'classic' && (pod.spec.restartPolicy ?? 'Always') !== 'Always') {
    const mend = `annotate ${PREFIX}mode: native where all nodes have Kubernetes 1.${NATIVE_KUBELET} or later`
    return skipped(
      'job-needs-native',
      `no sidecar: a pod that is to complete never would beside a classic one; ${mend}`,
    )
  }
  const patch = podPatch(pod, { mode, image: values.image ?? injector.image, values })
  return { outcome: 'injected', mode, patch, warnings: unknownAnnotations(pod) }
}

/** What a pod says itself, by label or annotation; "false" wins where the two differ. */
function wishOf(pod: Pod): string | undefined {
  const said = [labelsOf(pod), annotationsOf(pod)].flatMap((map) =>
    Object.hasOwn(map, INJECT) ? [map[INJECT] as string] : [],
  )
  return said.find((text) => text === 'false') ?? said.find((text) => text !== 'true') ?? said[0]
}

function isInjected(pod: Pod): boolean {
  return containersOf(pod).some(({ name }) => name === CONTAINER)
}

function skipped(reason: SkipReason, warning?: string): Review {
  return { outcome: 'skipped', reason, warnings: warning === undefined ? [] : [`ringside: ${warning}`] }
}

function denied(problems: readonly string[]): Review {
  return { outcome: 'denied', message: `ringside: ${problems.join('; ')}` }
}
