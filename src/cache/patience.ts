import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Boarded } from '../flight/flights.ts'
import type { Sent } from '../flight/party.ts'
import type { Errand } from './errand.ts'
import { type Landing, madeFor } from './landing.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'

/** Of a call's time, so much at its end is left for the answer to arrive. */
const ARRIVAL = 0.1
/** A load that takes so many times longer than others of late may not answer at all. */
const TARDY = 3
const RETRY_AFTER_MS = 1_000

/**
 * Ends a reader's wait for a flight in time: when about half of its call's time is over it takes a stale answer where the
 * policy has one, and else goes on waiting only for what is likely to come before the end. The flight goes on for the
 * others, and for the cache.
 */
export class Patience {
  readonly #near: NearRung
  readonly #clock: Clock

  constructor(near: NearRung, clock: Clock) {
    this.#near = near
    this.#clock = clock
  }

  /** Settles as the flight does, or sooner. */
  wait(lookup: Lookup, { party: errand, result }: Boarded<Landing, Errand>): Promise<Landing> {
    if (lookup.answerBy === Number.POSITIVE_INFINITY) return result
    return new Promise((resolve, reject) => {
      const tire = () => {
        const stale = this.#stale(lookup, errand)
        if (stale !== undefined) return resolve(stale)
        const leftMs = waitsUntil(lookup, errand) - this.#clock.now()
        if (leftMs < 1) return reject(givenUp(errand))
        timer = this.#clock.after(leftMs, tire)
      }
      let timer = this.#clock.after(lookup.answerBy - this.#clock.now(), tire)
      const settle = (report: () => void) => {
        timer.cancel()
        report()
      }
      result.then(
        (landing) => settle(() => resolve(landing)),
        (error: unknown) => settle(() => reject(error)),
      )
    })
  }

  #stale(lookup: Lookup, { stale }: Errand): Landing | undefined {
    if (lookup.policy.degradedThen === 'fail') return undefined
    const kept = stale !== undefined && stale.version >= lookup.leastVersion ? { ...stale } : undefined
    const landing = kept ?? this.#near.readStale(lookup)
    return landing && madeFor(lookup, landing)
  }
}

/** Until when an answer may still come for a reader who has waited for about half of its time. */
function waitsUntil({ answerBy, begunAt, reader }: Lookup, { waitsFor, sent }: Errand): number {
  const lastCall = reader.deadlineAt - ARRIVAL * (reader.deadlineAt - begunAt)
  switch (waitsFor) {
    case 'shard':
      return lastCall
    case 'lease':
      return answerBy
    case 'origin':
      return sent === undefined ? answerBy : Math.min(lastCall, likelyUntil(sent, lastCall))
  }
}

/** Until when a load that was sent is likely to come, if at all before `lastCall`. */
function likelyUntil({ at, typicalMs }: Sent, lastCall: number): number {
  if (typicalMs === undefined) return lastCall
  return at + typicalMs > lastCall ? at : at + TARDY * typicalMs
}

function givenUp({ waitsFor, sent }: Errand): RingsideError {
  const detail = { retryAfterMs: RETRY_AFTER_MS }
  switch (waitsFor) {
    case 'shard':
      return new RingsideError('SHARD_UNAVAILABLE', 'the shard gave no answer within the time of this call', detail)
    case 'lease':
      return new RingsideError(
        'LEASE_BUSY',
        'another caller has been loading this key for about half of the time of this call',
        detail,
      )
    case 'origin':
      return sent === undefined
        ? new RingsideError(
            'ORIGIN_LIMIT',
            'the origin had no place free within about half of the time of this call',
            detail,
          )
        : new RingsideError(
            'ORIGIN_UNAVAILABLE',
            'the origin is not likely to answer within the time of this call',
            detail,
          )
  }
}
