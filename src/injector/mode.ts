/** How a sidecar is part of its pod: an init container that goes on running, or one container among the others. */
export type Mode = 'native' | 'classic'
export type WantedMode = Mode | 'auto'

/** From this minor version on a kubelet knows init containers that go on running. */
export const NATIVE_KUBELET = 29

/** A kubelet may be so many minor versions older than its API server (Kubernetes' version skew policy, since 1.28). */
const KUBELET_SKEW = 3

/**
 * What `wanted` comes to on an API server of Kubernetes 1.`minor`; `undefined` where it cannot be had. A kubelet that does not know native
 * sidecars waits for ever for what it takes for an init container, so `auto` trusts only a server that no such kubelet may be
 * connected to. A version that is not known is no reason to refuse what was asked for.
 */
export function chooseMode(wanted: WantedMode, minor: number | undefined): Mode | undefined {
  switch (wanted) {
    case 'classic':
      return 'classic'
    case 'native':
      return minor !== undefined && minor < NATIVE_KUBELET ? undefined : 'native'
    case 'auto':
      return minor !== undefined && minor >= NATIVE_KUBELET + KUBELET_SKEW ? 'native' : 'classic'
  }
}
