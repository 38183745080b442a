import type { Clock } from '../base/clock.ts'
import type { Evidence } from './evidence.ts'
import { asEntry, asStale } from './record.ts'
import type { Requests } from './requests.ts'
import type { Acquired, AcquireOptions } from './shard.ts'
import type { ShardLife } from './shard-life.ts'

export interface LeasesParts {
  readonly clock: Clock
  readonly life: ShardLife
  readonly requests: Requests
  readonly evidence: Evidence
}

/** Who in the fleet may fill which key of one shard, and what those are given who may not. */
export class Leases {
  readonly #parts: LeasesParts

  constructor(parts: LeasesParts) {
    this.#parts = parts
  }

  async acquire(key: string, options: AcquireOptions): Promise<Acquired> {
    const { clock, life, requests, evidence } = this.#parts
    const { token, leaseTtlMs, notBefore = Number.NEGATIVE_INFINITY, leastVersion = 0, tracked = false } = options
    const { lagMs = 0 } = options
    const epochs = requests.line(tracked).epochsFor(notBefore)
    const asked = await requests.ask('acquire', { key, token, leaseTtlMs, epochs, leastVersion }, tracked)
    requests.vouch(asked, notBefore)
    const { value, sentAt, open } = asked
    const record = evidence.record(value.record)
    const now = evidence.serverNow(open)
    if (value.outcome === 'value') {
      const entry = record && asEntry(record, record.hardAtMs > now ? now : record.hardAtMs - 1)
      const found = record && entry && evidence.found(asked, record, entry)
      if (found !== undefined) return { outcome: 'value', ...found }
      throw requests.unavailable(new Error('its answer belongs to an epoch that has just ended'))
    }
    const stale = record?.epoch === open.epoch ? asStale(record, now) : undefined
    const holdMs = Math.max(value.holdLeftMs, life.epochBegunAt + lagMs - clock.now())
    if (value.outcome === 'granted') return { outcome: 'granted', stale, sentAt, holdMs }
    return {
      outcome: 'busy',
      leaseTtlMs: value.leaseLeftMs,
      stale,
      sentAt,
      holdMs,
      tracked: life.isTracked(open),
    }
  }

  async release(key: string, token: Buffer): Promise<void> {
    const { requests } = this.#parts
    await requests.ask('release', { key, token, epoch: requests.line().epoch })
  }

  async lock(key: string, ttlMs: number): Promise<boolean> {
    return (await this.#parts.requests.ask('lock', { key, ttlMs })).value
  }
}
