import type { Clock, Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import { isInt64 } from '../base/int64.ts'
import type { IncrementRequest } from './cache.ts'

type Send = (request: IncrementRequest) => Promise<bigint>

interface Passenger {
  readonly request: IncrementRequest
  readonly resolve: (sum: bigint) => void
  readonly reject: (error: unknown) => void
}

interface Party {
  readonly passengers: Passenger[]
  readonly send: Send
  delta: bigint
  timer: Timer | undefined
}

/**
 * Adds up what comes for one counter within a short time, and sends it as one addition. Each caller is told the sum that its
 * own addition made, as if they had come one after the other; what fails, fails for all of them.
 */
export class JoinedIncrements {
  readonly #clock: Clock
  readonly #parties = new Map<string, Party>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** One that may be repeated, or has a ttl of its own, goes by itself. */
  add(counter: string, request: IncrementRequest, withinMs: number, send: Send): Promise<bigint> {
    if (this.#isClosed || request.requestId !== '' || request.ttlMs !== undefined) return send(request)
    // Of one sign, so that no sum on the way is beyond that of all.
    const name = `${request.delta < 0n ? '-' : '+'}${request.initial} ${counter}`
    const known = this.#parties.get(name)
    if (known !== undefined && !isInt64(known.delta + request.delta)) this.#depart(name, known)
    return new Promise((resolve, reject) => {
      const party = this.#parties.get(name) ?? this.#gather(name, withinMs, send)
      party.passengers.push({ request, resolve, reject })
      party.delta += request.delta
    })
  }

  /** What has been gathered leaves at once, and what comes later goes by itself. */
  close(): void {
    this.#isClosed = true
    for (const [name, party] of this.#parties) this.#depart(name, party)
  }

  #gather(name: string, withinMs: number, send: Send): Party {
    const party: Party = { passengers: [], send, delta: 0n, timer: undefined }
    party.timer = this.#clock.after(withinMs, () => this.#depart(name, party))
    this.#parties.set(name, party)
    return party
  }

  #depart(name: string, party: Party): void {
    party.timer?.cancel()
    this.#parties.delete(name)
    const { passengers, delta, send } = party
    const [first] = passengers as [Passenger, ...Passenger[]]
    send({ ...first.request, delta }).then(
      (sum) => {
        let running = sum - delta
        for (const { request, resolve } of passengers) {
          running += request.delta
          resolve(running)
        }
      },
      (error: unknown) => this.#fail(party, error),
    )
  }

  /** Nothing was added where all together were too much: some may have room. */
  #fail({ passengers, send }: Party, error: unknown): void {
    const isTooMuch = passengers.length > 1 && RingsideError.from(error).reason === 'COUNTER_OVERFLOW'
    for (const { request, resolve, reject } of passengers) {
      if (isTooMuch) send(request).then(resolve, reject)
      else reject(error)
    }
  }
}
