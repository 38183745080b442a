import type { Chance } from '../base/chance.ts'
import { type Clock, pause, type Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { errandName } from '../keyspace/physical-key.ts'
import type { LockHeld, LockTable } from '../store/lock-table.ts'

export interface FleetErrandsParts {
  /** With `ERRAND_TTL_MS` as the longest time for which anything is held in it. */
  readonly table: LockTable
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** Something that goes on in one sidecar of the fleet only. */
export interface FleetErrand {
  /** Aborted when it is no longer certain that nobody else has begun the same. */
  readonly lost: AbortSignal
  /** Lets others begin. Never rejects: what cannot be given back falls by itself. */
  end(): Promise<void>
}

/** For so long after its sidecar has died nobody else begins an errand. */
export const ERRAND_TTL_MS = 10_000
const RENEWED_EACH_MS = ERRAND_TTL_MS / 4
const LOOK_MS = 500
/** By so much two answers differ of a shard that tells the same moment. */
const SLACK_MS = 200
const TOKEN_BYTES = 16

/**
 * Errands of which the whole fleet runs one at a time under each name, such as the warming of a keyspace: a lock that its
 * sidecar renews for as long as it lives.
 */
export class FleetErrands {
  readonly #env: string
  readonly #parts: FleetErrandsParts
  readonly #under = new Set<HeldErrand>()

  constructor(env: string, parts: FleetErrandsParts) {
    this.#env = env
    this.#parts = parts
  }

  /**
   * Begins one, unless another sidecar has it and lives: then it rejects with `ERRAND_UNDER_WAY`, within the time after which
   * that one renews it. What a sidecar had that has died, or what a shard that has just started may have forgotten, is
   * waited for, until `signal` is aborted. Rejects with `SHARD_UNAVAILABLE` or `CANCELLED`, too.
   */
  async begin(what: string, signal?: AbortSignal): Promise<FleetErrand> {
    const { table, clock, chance } = this.#parts
    const token = chance.bytes(TOKEN_BYTES)
    const attempt = { name: errandName(this.#env, what), token, id: token, ttlMs: ERRAND_TTL_MS }
    let freeAt = Number.POSITIVE_INFINITY
    for (;;) {
      if (signal?.aborted === true) throw new RingsideError('CANCELLED', `${what} was cancelled before it began`)
      const taken = await table.take(attempt, 0)
      if (taken.outcome === 'granted') return this.#begun(attempt.name, taken)
      const { leftMs } = taken
      const seenFreeAt = clock.now() + leftMs
      // Whoever has died does not renew.
      if (seenFreeAt > freeAt + SLACK_MS) throw underWay(what, leftMs)
      freeAt = Math.min(freeAt, seenFreeAt)
      await pause(clock, Math.min(leftMs + 1, LOOK_MS), signal)
    }
  }

  /** Ends what this sidecar runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#under].map((errand) => errand.end()))
    this.#parts.table.close()
  }

  #begun(name: string, held: LockHeld): FleetErrand {
    const errand = new HeldErrand(name, held, { ...this.#parts, ended: () => this.#under.delete(errand) })
    this.#under.add(errand)
    return errand
  }
}

interface HeldErrandParts extends FleetErrandsParts {
  readonly ended: () => void
}

class HeldErrand implements FleetErrand {
  readonly #name: string
  readonly #parts: HeldErrandParts
  readonly #losing = new AbortController()
  #held: LockHeld
  #timer: Timer

  constructor(name: string, held: LockHeld, parts: HeldErrandParts) {
    this.#name = name
    this.#held = held
    this.#parts = parts
    this.#timer = this.#renewLater()
  }

  get lost(): AbortSignal {
    return this.#losing.signal
  }

  async end(): Promise<void> {
    const { table, log, ended } = this.#parts
    this.#timer.cancel()
    ended()
    try {
      await table.release(this.#name, this.#held.token)
    } catch (error) {
      log.debug({ reason: RingsideError.from(error).reason }, 'an errand is left to its end')
    }
  }

  #renewLater(): Timer {
    return this.#parts.clock.after(RENEWED_EACH_MS, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    const { table, clock, log } = this.#parts
    try {
      const held = await table.renew(this.#name, this.#held.token, ERRAND_TTL_MS)
      if (held === undefined) return this.#lose('another sidecar may have begun it')
      this.#held = held
    } catch (error) {
      const { reason } = RingsideError.from(error)
      log.debug({ reason }, 'an errand could not be renewed yet')
      if (clock.now() >= this.#held.until) return this.#lose(`it could not be renewed: ${reason}`)
    }
    this.#timer = this.#renewLater()
  }

  #lose(why: string): void {
    const { log, ended } = this.#parts
    ended()
    log.warn({ name: this.#name, why }, 'an errand was lost')
    this.#losing.abort(new RingsideError('LOCK_LOST', why))
  }
}

function underWay(what: string, leftMs: number): RingsideError {
  const message = `${what} is under way through another sidecar or another call; wait for its end, or cancel it there`
  return new RingsideError('ERRAND_UNDER_WAY', message, { retryAfterMs: leftMs, metadata: { errand: what } })
}
