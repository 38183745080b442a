import type { Clock } from '../base/clock.ts'
import type { Evidence } from './evidence.ts'
import type { Packed } from './packing/packed.ts'
import type { Packer } from './packing/packer.ts'
import { asEntry } from './record.ts'
import type { Requests } from './requests.ts'
import type { Found, ReadOptions, ReplicaReadOptions, ShardRead } from './shard.ts'
import type { ShardLife } from './shard-life.ts'

export interface ReadsParts {
  readonly clock: Clock
  readonly life: ShardLife
  readonly requests: Requests
  readonly evidence: Evidence
  readonly packer: Packer
}

/** Plain reads of one shard, at its primary and at its replicas, and how current what they find is known to be. */
export class Reads {
  /** All reads so far. */
  count = 0
  readonly #parts: ReadsParts

  constructor(parts: ReadsParts) {
    this.#parts = parts
  }

  async read(
    key: string,
    { notBefore = Number.NEGATIVE_INFINITY, tracked = false }: ReadOptions = {},
  ): Promise<ShardRead> {
    const { life, requests, evidence, packer } = this.#parts
    this.count += 1
    const asked = await requests.ask('get', { key }, tracked && life.inspection.mayTrack)
    requests.vouch(asked, notBefore)
    const record = evidence.record(asked.value)
    const entry = record && asEntry(record, evidence.serverNow(asked.open))
    const found = record && entry && evidence.found(asked, record, entry)
    if (found !== undefined) {
      if (record?.packed === undefined) return { found: true, ...found }
      const whole = await packer.unpack(key, found.entry, record.packed)
      if (whole !== undefined) return { found: true, ...found, entry: whole }
    }
    const isMarker = record?.epoch === asked.open.epoch && (record.kind === 'tombstone' || record.kind === 'lease')
    return { found: false, sentAt: asked.sentAt, version: isMarker ? record.version : 0 }
  }

  async readReplica(key: string, { notBefore, anyway = false }: ReplicaReadOptions): Promise<Found | undefined> {
    const { clock, life, requests } = this.#parts
    const { replicas, known } = life
    if (life.deferral?.journal.owes(key)) return undefined
    if (known === undefined) return undefined
    const now = () => clock.now()
    for (;;) {
      const replica = replicas.choose(notBefore, anyway ? Number.POSITIVE_INFINITY : requests.inFlight)
      if (replica === undefined) return undefined
      this.count += 1
      try {
        const read = await replicas.read(replica, key, notBefore, known, now)
        const packed = read?.record.packed
        return read === undefined || packed === undefined ? read?.found : await this.#whole(key, read.found, packed)
      } catch {
        // It is not chosen again until it has answered; the primary comes next, where there is one that may.
        if (!anyway) return undefined
      }
    }
  }

  async #whole(key: string, found: Found, packed: Packed): Promise<Found | undefined> {
    const entry = await this.#parts.packer.unpack(key, found.entry, packed)
    return entry && { ...found, entry }
  }
}
