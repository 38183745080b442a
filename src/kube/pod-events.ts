import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { ApiClient } from './api-client.ts'
import type { OwnPod } from './own-pod.ts'

/** At most one event goes out in this time: it is the API server of everybody. */
export const EVENT_EVERY_MS = 60_000

const LONGEST_MESSAGE = 1_000

/** What is told of a pod. A `Normal` one says that what the `Warning` before it was about has been mended. */
export interface PodEvent {
  readonly type: 'Warning' | 'Normal'
  /** In CamelCase, for programs. */
  readonly reason: string
  /** For people; no secret. */
  readonly message: string
}

export interface PodEventsParts {
  readonly api: ApiClient
  readonly clock: Clock
  readonly log: Log
}

/**
 * Kubernetes events about the own pod. Of what comes too soon after the last one only the latest is told, when its time has
 * come. One that fails is logged and not sent again: it is a courtesy, and most pods have no right to it.
 */
export class PodEvents {
  readonly #pod: OwnPod
  readonly #parts: PodEventsParts
  #waiting: PodEvent | undefined
  #told: PodEvent | undefined
  #timer: Timer | undefined
  #closed = false

  constructor(pod: OwnPod, parts: PodEventsParts) {
    this.#pod = pod
    this.#parts = parts
  }

  /** Returns at once, whatever the API server does. */
  tell(event: PodEvent): void {
    this.#waiting = event
    if (this.#timer === undefined) this.#next()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#parts.api.close()
  }

  #next(): void {
    this.#timer = undefined
    const event = this.#waiting
    this.#waiting = undefined
    if (event === undefined || this.#closed) return
    // Nobody has heard of a Warning that was mended before its time came.
    if (event.type === 'Normal' && this.#told?.type !== 'Warning') return
    this.#told = event
    this.#timer = this.#parts.clock.after(EVENT_EVERY_MS, () => this.#next())
    void this.#send(event)
  }

  async #send(event: PodEvent): Promise<void> {
    const { api, clock, log } = this.#parts
    const { namespace, name } = this.#pod
    const { reason } = event
    const answer = await api.create(
      `/api/v1/namespaces/${namespace}/events`,
      eventObject(this.#pod, event, clock.wall()),
    )
    if (answer.status === 201) log.debug({ reason, pod: name }, 'event reported')
    else if (!this.#closed) log.info({ reason, why: answer.why }, 'event not reported')
  }
}

/** As `core/v1` has it; named as by `client-go`, after the pod and the time. */
function eventObject(pod: OwnPod, { type, reason, message }: PodEvent, wallMs: number): object {
  const { namespace, name, uid } = pod
  const at = new Date(wallMs).toISOString()
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: `${name}.${wallMs.toString(16)}` },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, ...(uid === undefined ? {} : { uid }) },
    ...{ type, reason, message: message.slice(0, LONGEST_MESSAGE) },
    source: { component: 'ringside' },
    ...{ firstTimestamp: at, lastTimestamp: at, count: 1 },
  }
}
