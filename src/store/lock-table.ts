import type { Clock, Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { LockAcquire, LockRelease } from './fenced-lock.ts'
import type { Shard } from './shard.ts'
import type { Tier } from './tier.ts'
import type { ShardNow } from './told.ts'

export interface LockTableOptions {
  /** For so long, at most, a lock is held without being renewed. The same in the whole fleet. */
  readonly mostTtlMs: number
  readonly heartbeatMs: number
}

export interface LockTableParts {
  readonly tier: Tier
  readonly clock: Clock
}

/** One attempt at a lock. */
export interface LockAttempt {
  /** The lock, by its name in the shared tier. */
  readonly name: string
  /** 16 bytes, unique to it. */
  readonly token: Buffer
  /** 16 bytes that a repeated attempt has in common with the first. */
  readonly id: Buffer
  readonly ttlMs: number
}

export type LockTaken =
  | ({ readonly outcome: 'granted'; readonly answers: number } & LockHeld)
  /** `leftMs`: for so long somebody else holds it at least. `place` in the line, from 0; -1 = none. */
  | { readonly outcome: 'busy'; readonly leftMs: number; readonly place: number; readonly tracked: boolean }

export interface LockHeld {
  readonly token: Buffer
  readonly fencing: number
  /** Until when it is held for certain, on the monotonic clock: counted from when it was asked for. */
  readonly until: number
}

interface Holding extends LockHeld {
  readonly id: Buffer
  readonly timer: Timer
}

/** A shard that took over from another is heard of by all within so many heartbeats. */
const SWITCH_BEATS = 3
/** How long after its end a lock that was not given back is looked after. */
const SWEEP_MS = 1_000

/**
 * The locks of the fleet, each on the shard that is the home of its name, as `memory/fenced-locks.ts` has them. What is
 * answered by a shard that has not answered a heartbeat of late does not count: another may have taken its place.
 *
 * It remembers what was granted through this sidecar: a holding that cannot have ended yet by the clock of this process
 * outlives the loss of its record, and one that was never given back is cleared away.
 */
export class LockTable {
  readonly #options: LockTableOptions
  readonly #parts: LockTableParts
  /** By token. */
  readonly #holdings = new Map<string, Holding>()

  constructor(options: LockTableOptions, parts: LockTableParts) {
    this.#options = options
    this.#parts = parts
  }

  /** Takes the lock if it is free and nobody was there before, or else, if `waitMs` is above 0, a place in the line. */
  async take({ name, token, id, ttlMs }: LockAttempt, waitMs: number): Promise<LockTaken> {
    const { mostTtlMs } = this.#options
    const home = this.#home(name)
    const args = (now: ShardNow): LockAcquire => ({
      ...known(name, now),
      token,
      id,
      ttlMs,
      waitMs,
      floor: now.floor,
      tooLateMs: now.tooLateMs,
      opensInMs: this.#opensInMs(now),
      mostTtlMs,
    })
    const { value, sentAt, tracked } = await home.ask(name, 'lockAcquire', args, {
      tracked: waitMs > 0,
      vouched: true,
    })
    if (value.outcome === 'late') throw late(home.name)
    if (value.outcome === 'busy') return { ...value, tracked }
    const { fencing, answers } = value
    // A view of the reply would keep all of it.
    const held = { token: Buffer.from(value.token), fencing, until: sentAt + ttlMs }
    this.#hold(name, id, held)
    return { outcome: 'granted', answers, ...held }
  }

  /** `undefined`: it is not held with this token any more. */
  async renew(name: string, token: Buffer, ttlMs: number): Promise<LockHeld | undefined> {
    // Only what was granted here can be sure, and only of that the id matters.
    const id = this.#holdings.get(keyOf(token))?.id ?? token
    const args = (now: ShardNow) => ({ ...known(name, now), token, id, ttlMs, sureFencing: this.#sureFencing(token) })
    const { value, sentAt } = await this.#home(name).ask(name, 'lockRenew', args, { vouched: true })
    if (value.outcome === 'lost') {
      this.#forget(token)
      return undefined
    }
    const held = { token, fencing: value.fencing, until: sentAt + ttlMs }
    this.#hold(name, id, held)
    return held
  }

  /** False: it was not held with this token any more. */
  async release(name: string, token: Buffer): Promise<boolean> {
    const released = await this.#release(name, { token, id: undefined, answers: undefined })
    this.#forget(token)
    return released
  }

  /**
   * Gives up an attempt: its place in the line, and the lock if it was granted so often and no more, since else a repeated
   * attempt has it; `undefined` = however often.
   */
  async abandon({ name, token, id }: Omit<LockAttempt, 'ttlMs'>, answers: number | undefined): Promise<void> {
    await this.#release(name, { token, id, answers })
    this.#forget(token)
  }

  /** `wake` is called at each change of who has the lock that is heard of. Returns what ends that. */
  watch(name: string, wake: () => void): () => void {
    return this.#home(name).watch(name, wake)
  }

  close(): void {
    for (const { timer } of this.#holdings.values()) timer.cancel()
    this.#holdings.clear()
  }

  async #release(name: string, what: Pick<LockRelease, 'token' | 'id' | 'answers'>): Promise<boolean> {
    const sureFencing = this.#sureFencing(what.token)
    const args = (now: ShardNow) => ({ ...known(name, now), ...what, sureFencing })
    return (await this.#home(name).ask(name, 'lockRelease', args)).value
  }

  #home(name: string): Shard {
    return this.#parts.tier.home(name)
  }

  /** For so long somebody may hold a lock that its home has forgotten, or has not heard of since it became its home. */
  #opensInMs({ forgotAt, least, serverMs }: ShardNow): number {
    const { mostTtlMs, heartbeatMs } = this.#options
    const longestMs = mostTtlMs + SWITCH_BEATS * heartbeatMs
    const sinceForgotMs = this.#parts.clock.now() - forgotAt
    const sinceMovedMs = least === 0 ? Number.POSITIVE_INFINITY : serverMs - least / 1_000
    return Math.max(0, longestMs - Math.min(sinceForgotMs, sinceMovedMs))
  }

  /** The fencing token of a holding that cannot have ended yet; 0 = it may have, or is not of this sidecar. */
  #sureFencing(token: Buffer): number {
    const holding = this.#holdings.get(keyOf(token))
    return holding !== undefined && this.#parts.clock.now() < holding.until ? holding.fencing : 0
  }

  #hold(name: string, id: Buffer, held: LockHeld): void {
    const { tier, clock } = this.#parts
    // Wherever the lock moves, its next token is to be larger.
    for (const shard of tier.shards) shard.atLeast(held.fencing)
    const { token } = held
    this.#forget(token)
    // It may have been renewed through another sidecar: what still stands is let stand.
    const sweep = () => void this.abandon({ name, token, id }, 0).catch(() => this.#forget(token))
    const timer = clock.after(Math.max(0, held.until - clock.now()) + SWEEP_MS, sweep)
    this.#holdings.set(keyOf(token), { ...held, id, timer })
  }

  #forget(token: Buffer): void {
    const key = keyOf(token)
    this.#holdings.get(key)?.timer.cancel()
    this.#holdings.delete(key)
  }
}

function late(shard: string): RingsideError {
  const message = `shard ${shard} got the request for a lock after its deadline`
  return new RingsideError('SHARD_UNAVAILABLE', message, { metadata: { shard, kind: 'timeout' } })
}

const keyOf = (token: Buffer): string => token.toString('latin1')

function known(record: string, { epoch, least }: ShardNow) {
  return { record, line: `${record}:line`, seen: `${record}:seen`, epoch, leastFencing: least }
}
