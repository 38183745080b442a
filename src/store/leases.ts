import type { Clock } from '../base/clock.ts'
import type { Evidence } from './evidence.ts'
import type { Packed } from './packing/packed.ts'
import type { Packer } from './packing/packer.ts'
import { asEntry, asStale } from './record.ts'
import type { Requests } from './requests.ts'
import type { Acquired, AcquireOptions, Found } from './shard.ts'
import type { ShardLife } from './shard-life.ts'

export interface LeasesParts {
  readonly clock: Clock
  readonly life: ShardLife
  readonly requests: Requests
  readonly evidence: Evidence
  readonly packer: Packer
}

/** Nobody stores values that make no sense faster than that. */
const MOST_LOOKS = 3

/** Who in the fleet may fill which key of one shard, and what those are given who may not. */
export class Leases {
  readonly #parts: LeasesParts

  constructor(parts: LeasesParts) {
    this.#parts = parts
  }

  acquire(key: string, options: AcquireOptions): Promise<Acquired> {
    return this.#acquire(key, options, 1)
  }

  /** `looks`: how many values have stood there by now, this time included, of which nothing may be made. */
  async #acquire(key: string, options: AcquireOptions, looks: number): Promise<Acquired> {
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
      const packed = record?.packed
      if (found !== undefined && packed !== undefined) return this.#unpacked(key, options, looks, found, packed)
      if (found !== undefined) return { outcome: 'value', ...found }
      throw requests.unavailable(new Error('its answer belongs to an epoch that has just ended'))
    }
    const kept = record?.epoch === open.epoch ? asStale(record, now) : undefined
    const stale = kept && record?.packed ? await this.#parts.packer.unpack(key, kept, record.packed) : kept
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

  async #unpacked(
    key: string,
    options: AcquireOptions,
    looks: number,
    found: Found,
    packed: Packed,
  ): Promise<Acquired> {
    const { packer, requests } = this.#parts
    const entry = await packer.unpack(key, found.entry, packed)
    if (entry !== undefined) return { outcome: 'value', ...found, entry }
    if (looks === MOST_LOOKS) throw requests.unavailable(new Error('its values make no sense'))
    // The lease is granted over it, as over a value that is too old.
    return this.#acquire(key, { ...options, leastVersion: found.entry.version + 1 }, looks + 1)
  }

  async release(key: string, token: Buffer): Promise<void> {
    const { requests } = this.#parts
    await requests.ask('release', { key, token, epoch: requests.line().epoch })
  }

  async lock(key: string, ttlMs: number): Promise<boolean> {
    return (await this.#parts.requests.ask('lock', { key, ttlMs })).value
  }
}
