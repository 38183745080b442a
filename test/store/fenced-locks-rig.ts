import type { LockAcquire, LockAcquired, LockAsk } from '../../src/store/fenced-lock.ts'
import type { Line } from '../../src/store/line.ts'
import { FencedLocks } from '../../src/store/memory/fenced-locks.ts'
import { MemoryTracking } from '../../src/store/memory/memory-tracking.ts'
import type { RedisServer } from '../support/redis.ts'

const NOBODY = { changed: undefined }
const EXPIRY_AT = 17

export const MOST_TTL_MS = 60_000
export const bytes = (number: number): Buffer => Buffer.alloc(16, number)

let spaces = 0

/** One lock in Redis and one in process, asked for the same, each by a clock that the test moves on. */
export class TwoLocks {
  readonly #keys: Pick<LockAsk, 'record' | 'line' | 'seen'>
  readonly #line: Line
  readonly #server: RedisServer
  readonly #memory: FencedLocks
  #us = 1_800_000_000_000_000

  constructor(line: Line, server: RedisServer) {
    const record = `run${spaces++}:~lock:{:l}`
    this.#keys = { record, line: `${record}:line`, seen: `${record}:seen` }
    this.#line = line
    this.#server = server
    this.#memory = new FencedLocks({ tracking: new MemoryTracking(), timeUs: () => this.#us })
  }

  get record(): string {
    return this.#keys.record
  }

  async acquire(
    who: number,
    changes: Partial<LockAcquire> = {},
  ): Promise<{ redis: LockAcquired; memory: LockAcquired }> {
    const ask: LockAcquire = {
      ...this.#keys,
      id: bytes(who),
      token: bytes(who),
      ttlMs: 10_000,
      waitMs: 0,
      epoch: 1,
      floor: 0,
      leastFencing: 0,
      tooLateMs: Number.MAX_SAFE_INTEGER,
      opensInMs: 0,
      mostTtlMs: MOST_TTL_MS,
      ...changes,
    }
    this.#us += 1
    const redis = (await this.#line.send('lockAcquire', ask)).value
    return { redis, memory: this.#memory.acquire(ask, NOBODY) }
  }

  async renew(
    who: number,
    changes: { readonly ttlMs?: number; readonly epoch?: number; readonly sureFencing?: number } = {},
  ) {
    const { record } = this.#keys
    const defaults = { ttlMs: 10_000, epoch: 1, leastFencing: 0, sureFencing: 0 }
    const ask = { record, token: bytes(who), id: bytes(who), ...defaults, ...changes }
    const redis = (await this.#line.send('lockRenew', ask)).value
    return { redis, memory: this.#memory.renew(ask) }
  }

  async release(
    who: number,
    changes: { readonly isWaiting?: boolean; readonly answers?: number | undefined; readonly epoch?: number } = {},
  ) {
    const { isWaiting = false, answers, epoch = 1 } = changes
    const id = isWaiting ? bytes(who) : undefined
    const ask = { ...this.#keys, token: bytes(who), id, answers, epoch, leastFencing: 0, sureFencing: 0 }
    const redis = (await this.#line.send('lockRelease', ask)).value
    return { redis, memory: this.#memory.release(ask) }
  }

  /** Moves what Redis remembers into the past, since its clock cannot be moved. */
  async elapse(ms: number): Promise<void> {
    this.#us += ms * 1_000
    const { record, seen } = this.#keys
    const { client } = this.#server
    for (const waiter of await client.zrangeBuffer(seen, '0', '-1')) await client.zincrby(seen, -ms, waiter)
    const raw = await client.getBuffer(record)
    const expiryMs = raw?.readBigUInt64BE(EXPIRY_AT) ?? 0n
    if (raw === null || expiryMs === 0n) return
    raw.writeBigUInt64BE(expiryMs - BigInt(ms), EXPIRY_AT)
    await client.set(record, raw, 'KEEPTTL')
  }
}
