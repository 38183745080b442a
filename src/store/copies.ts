import type { CopyContent, CopyLease } from './copy-lease.ts'
import type { Evidence } from './evidence.ts'
import type { Packer } from './packing/packer.ts'
import { asEntry } from './record.ts'
import type { Requests } from './requests.ts'
import type { Found } from './shard.ts'
import type { ShardLife } from './shard-life.ts'
import type { TierShardOptions, TierShardParts } from './tier-shard.ts'

const TOKEN_BYTES = 16

/**
 * Copies of hot keys that lie on one shard. A copy says by itself as of when it was current: by the clock of its shard
 * when the lease was acquired under which its primary was read. Nothing ever raises that, so that no invalidation need
 * reach a copy.
 */
export class Copies {
  readonly #options: TierShardOptions
  readonly #parts: TierShardParts
  readonly #life: ShardLife
  readonly #requests: Requests
  readonly #evidence: Evidence
  readonly #packer: Packer

  constructor(
    options: TierShardOptions,
    parts: TierShardParts,
    about: {
      readonly life: ShardLife
      readonly requests: Requests
      readonly evidence: Evidence
      readonly packer: Packer
    },
  ) {
    this.#options = options
    this.#parts = parts
    this.#life = about.life
    this.#requests = about.requests
    this.#evidence = about.evidence
    this.#packer = about.packer
  }

  async read(name: string, notBefore: number): Promise<Found | undefined> {
    const { copyUnproven } = this.#options.rules
    const { value, sentAt, open } = await this.#requests.ask('get', { key: name }, !copyUnproven)
    const record = this.#evidence.record(value)
    const serverNow = this.#evidence.serverNow(open)
    // In another epoch another machine may have stamped it; and what is of later than now says nothing.
    if (record === undefined || record.epoch !== open.epoch || record.asOfMs === 0 || record.asOfMs > serverNow) return
    const entry = asEntry(record, serverNow)
    const asOf = Math.min(sentAt, this.#evidence.momentOf(open, record.asOfMs))
    if (entry === undefined || asOf < notBefore) return undefined
    const whole = record.packed === undefined ? entry : await this.#packer.unpack(name, entry, record.packed)
    if (whole === undefined) {
      // Whoever misses it fills it anew.
      await this.drop(name)
      return undefined
    }
    return { entry: whole, sentAt, asOf, proof: copyUnproven || !this.#life.isTracked(open) ? undefined : open.proof }
  }

  async lease(name: string, leaseTtlMs: number): Promise<CopyLease | undefined> {
    const { epoch } = this.#requests.line()
    const token = this.#parts.chance.bytes(TOKEN_BYTES)
    const asked = await this.#requests.ask('acquire', {
      key: name,
      token,
      leaseTtlMs,
      epochs: [epoch],
      leastVersion: 0,
    })
    if (asked.value.outcome !== 'granted') return undefined
    return { token, atMs: Math.floor((asked.serverUs ?? 0) / 1_000), epoch, open: asked.open }
  }

  /** All times count from the lease, which is older than the primary's answer: what is stored ends no later than there. */
  async fill(name: string, { token, atMs, epoch, open }: CopyLease, copy: CopyContent): Promise<boolean> {
    const { entry, asOf, lifeMs, compress } = copy
    if (this.#requests.line().epoch !== epoch) return false
    const asOfMs = Math.floor(Math.min(atMs, open.clock.earliest(asOf) ?? 0))
    const { kind, version, ageMs, softTtlMs, ttlMs, tags } = entry
    const mayShrink = compress !== undefined && kind === 'value'
    const smaller = mayShrink ? await this.#packer.pack(name, entry.value, compress) : undefined
    const filled = await this.#requests.ask('fillCopy', {
      key: name,
      token,
      epoch,
      kind,
      value: smaller?.payload ?? entry.value,
      packed: smaller?.packed,
      version,
      tags,
      loadedAtMs: Math.max(0, Math.floor(atMs - ageMs)),
      softAtMs: softTtlMs === undefined ? 0 : Math.max(1, Math.floor(atMs + softTtlMs)),
      hardAtMs: Math.floor(Math.min(asOfMs + lifeMs, atMs + ttlMs)),
      asOfMs,
    })
    return filled.value
  }

  async drop(name: string): Promise<void> {
    await this.#requests.ask('drop', { key: name })
  }
}
