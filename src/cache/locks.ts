import type { Chance } from '../base/chance.ts'
import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { LockAttempt, LockTable, LockTaken } from '../store/lock-table.ts'
import { Bell } from './bell.ts'
import { type LockName, lockNamed } from './lock-names.ts'
import { requestIdOf } from './request-id.ts'

export interface LocksOptions {
  readonly env: string
  /** For so long, at most, a lock may be asked for at once. */
  readonly mostTtlMs: number
}

export interface LocksParts {
  readonly table: LockTable
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

export interface AcquireLock extends LockName {
  readonly ttlMs: number
  readonly waitMs: number
  /** Empty = not repeated. */
  readonly requestId: string
}

export interface HeldLock extends LockName {
  /** From an acquisition. */
  readonly token: Buffer
}

/** Who wants a lock. */
export interface LockCaller {
  /** When it stops waiting, on the monotonic clock; `Infinity` = it never said. */
  readonly deadlineAt: number
  /** Runs `listener` once it is gone. */
  onGone(listener: () => void): void
}

export type Acquisition =
  /** `standsMs`: for so long it is held for certain. */
  | { readonly acquired: true; readonly token: Buffer; readonly fencing: number; readonly standsMs: number }
  /** For so long somebody else holds it, as far as is known. */
  | { readonly acquired: false; readonly standsMs: number }

export const LOCK_RESULTS = ['granted', 'busy', 'renewed', 'lost', 'released', 'fallen', 'abandoned', 'failed'] as const
export type LockResult = (typeof LOCK_RESULTS)[number]

type Place = Extract<LockTaken, { readonly outcome: 'busy' }>

/** So often, at least, a waiter is heard of: a quarter of the time after which it has lost its place. */
const HEARD_MS = 500
/** Where nothing tells of changes, the first in the line looks so often. */
const UNTRACKED_MS = 50
/** After a change, those further back in the line look later, so that many who wait do not all ask at once. */
const SPREAD_MS = 2
const MOST_SPREAD_MS = 100
/** Of a caller's time, so much at its end is left for the answer to arrive, but no more than that. */
const ARRIVAL = 0.1
const MOST_ARRIVAL_MS = 100
const TOKEN_BYTES = 16

/** Locks across the fleet: take, wait for, renew, give back. */
export class Locks {
  readonly results = Object.fromEntries(LOCK_RESULTS.map((result) => [result, 0])) as Record<LockResult, number>
  readonly #options: LocksOptions
  readonly #parts: LocksParts
  readonly #waiting = new Set<Bell>()
  #isClosed = false

  constructor(options: LocksOptions, parts: LocksParts) {
    this.#options = options
    this.#parts = parts
  }

  /** Callers who wait for a lock now. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Waits until the lock falls to the caller, or its time to wait is over. Whoever came first, in the whole fleet, has it
   * first. The shard tells when the lock changes; a timer runs until its holder's time is over.
   */
  async acquire(request: AcquireLock, caller: LockCaller): Promise<Acquisition> {
    const { env } = this.#options
    const { clock, chance } = this.#parts
    this.#checkTtl(request.ttlMs)
    const token = chance.bytes(TOKEN_BYTES)
    const attempt = {
      name: lockNamed(env, request),
      token,
      id: requestIdOf(request.requestId, TOKEN_BYTES) ?? token,
      ttlMs: request.ttlMs,
    }
    const begunAt = clock.now()
    const until = Math.min(begunAt + request.waitMs, lastCall(begunAt, caller.deadlineAt))
    const bell = new Bell(clock)
    const gone = new AbortController()
    caller.onGone(() => {
      gone.abort()
      bell.ring()
    })
    this.#waiting.add(bell)
    const unwatch = this.#parts.table.watch(attempt.name, () => bell.ring())
    try {
      const acquisition = await this.#await(attempt, until, { bell, gone: gone.signal })
      this.#count(acquisition.acquired ? 'granted' : 'busy')
      return acquisition
    } catch (error) {
      // Whether it was granted is not known; a repeated request may have it by now.
      this.#abandon(attempt, request.requestId === '' ? undefined : 0)
      this.#count(gone.signal.aborted ? 'abandoned' : 'failed')
      throw error
    } finally {
      unwatch()
      this.#waiting.delete(bell)
    }
  }

  /** Throws `LOCK_LOST` when it is not held any more. */
  async renew(
    { token, ...name }: HeldLock,
    ttlMs: number,
  ): Promise<{ readonly fencing: number; readonly standsMs: number }> {
    this.#checkTtl(ttlMs)
    const { table, clock } = this.#parts
    const held = await this.#counted(table.renew(lockNamed(this.#options.env, name), token, ttlMs))
    const standsMs = held === undefined ? 0 : held.until - clock.now()
    this.#count(standsMs > 0 ? 'renewed' : 'lost')
    if (held !== undefined && standsMs > 0) return { fencing: held.fencing, standsMs }
    throw new RingsideError('LOCK_LOST', 'the lock is not held with this token any more; stop what it protects')
  }

  /** False when it was not held with this token any more. */
  async release({ token, ...name }: HeldLock): Promise<boolean> {
    const released = await this.#counted(this.#parts.table.release(lockNamed(this.#options.env, name), token))
    this.#count(released ? 'released' : 'fallen')
    return released
  }

  /** Nobody is made to wait any longer. */
  close(): void {
    this.#isClosed = true
    for (const bell of this.#waiting) bell.ring()
    this.#parts.table.close()
  }

  async #await(
    attempt: LockAttempt,
    until: number,
    { bell, gone }: { readonly bell: Bell; readonly gone: AbortSignal },
  ): Promise<Acquisition> {
    const { table, clock } = this.#parts
    for (;;) {
      if (gone.aborted) throw new RingsideError('CANCELLED', 'the caller hung up while it waited for the lock')
      // Before the request leaves: a change may be told of sooner than the answer that it overtakes.
      bell.hush()
      const leftMs = this.#isClosed ? 0 : Math.max(0, until - clock.now())
      const taken = await table.take(attempt, leftMs)
      const acquisition = taken.outcome === 'granted' ? this.#granted(attempt, taken, gone) : busy(taken)
      // The last look has taken no place in the line, and given up the one that there was.
      if (acquisition.acquired || leftMs === 0) return acquisition
      if (taken.outcome === 'busy') await this.#pause(bell, taken, until)
    }
  }

  /** A grant that comes too late for its caller is given back. */
  #granted(attempt: LockAttempt, granted: Extract<LockTaken, { outcome: 'granted' }>, gone: AbortSignal): Acquisition {
    const { token, fencing, answers } = granted
    const standsMs = granted.until - this.#parts.clock.now()
    if (standsMs > 0 && !gone.aborted) return { acquired: true, token, fencing, standsMs }
    this.#abandon({ ...attempt, token }, answers)
    return { acquired: false, standsMs: 0 }
  }

  /** Until there is reason to look again. */
  async #pause(bell: Bell, { leftMs, place, tracked }: Place, until: number): Promise<void> {
    const { clock } = this.#parts
    const left = () => Math.max(0, until - clock.now())
    const endMs = place === 0 ? leftMs + 1 : HEARD_MS
    const untoldMs = tracked ? HEARD_MS : UNTRACKED_MS * (place + 1)
    await bell.heard(Math.min(endMs, untoldMs, HEARD_MS, left()))
    const spreadMs = Math.min(place * SPREAD_MS, MOST_SPREAD_MS, left())
    if (spreadMs > 0) await pause(clock, spreadMs)
  }

  #abandon(attempt: LockAttempt, answers: number | undefined): void {
    const { table, log } = this.#parts
    table.abandon(attempt, answers).catch((error: unknown) => {
      log.debug({ reason: RingsideError.from(error).reason }, 'a lock could not be given up')
    })
  }

  async #counted<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      this.#count('failed')
      throw error
    }
  }

  #count(result: LockResult): void {
    this.results[result] += 1
  }

  #checkTtl(ttlMs: number): void {
    const { mostTtlMs } = this.#options
    if (ttlMs > 0 && ttlMs <= mostTtlMs) return
    const message = `ttl_ms is ${ttlMs}; name 1 to ${mostTtlMs} milliseconds, and renew the lock before they are over`
    throw new RingsideError('TTL_INVALID', message, { metadata: { field: 'ttl_ms' } })
  }
}

function busy({ leftMs }: Place): Acquisition {
  return { acquired: false, standsMs: leftMs }
}

/** So much before its deadline a caller has to be answered. */
function lastCall(begunAt: number, deadlineAt: number): number {
  if (deadlineAt === Number.POSITIVE_INFINITY) return deadlineAt
  return deadlineAt - Math.min(MOST_ARRIVAL_MS, ARRIVAL * (deadlineAt - begunAt))
}
