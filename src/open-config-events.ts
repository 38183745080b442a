import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { Reloads } from './config/reloads.ts'
import { ApiClient, SERVICE_ACCOUNT } from './kube/api-client.ts'
import { apiAddress, ownPod } from './kube/own-pod.ts'
import { type PodEvent, PodEvents } from './kube/pod-events.ts'

export interface ConfigEventsSurroundings {
  readonly clock: Clock
  readonly log: Log
  /** Folder of what the pod shows to the API server. */
  readonly account?: string
}

/** Tells whoever looks at the pod when a changed configuration file has been refused, and when it is mended. */
export interface ConfigEvents {
  tell(reloads: Pick<Reloads, 'details' | 'reasons'>): void
  close(): void
}

/** `undefined` outside of Kubernetes, and in a pod that has no token. */
export async function openConfigEvents(
  env: Readonly<Record<string, string | undefined>>,
  { account = SERVICE_ACCOUNT, ...parts }: ConfigEventsSurroundings,
): Promise<ConfigEvents | undefined> {
  const address = apiAddress(env)
  const pod = address === undefined ? undefined : await ownPod(env, account)
  if (address === undefined || pod === undefined) return undefined
  const events = new PodEvents(pod, { ...parts, api: new ApiClient({ address, account, clock: parts.clock }) })
  return { tell: (reloads) => events.tell(configEvent(reloads)), close: () => events.close() }
}

function configEvent({ details, reasons }: Pick<Reloads, 'details' | 'reasons'>): PodEvent {
  const [reason] = reasons
  if (details.refused.length > 0) return { type: 'Warning', reason: 'ConfigRefused', message: reason ?? '' }
  return { type: 'Normal', reason: 'ConfigInForce', message: reason ?? 'the configuration file is in force' }
}
