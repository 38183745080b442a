import { crc32 } from 'node:zlib'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Compression } from '../../keyspace/compression.ts'
import { keyspaceIn } from '../../keyspace/physical-key.ts'
import { CODECS, type Codec, codecOf } from './codecs.ts'
import type { Packed } from './packed.ts'
import { Turnstile } from './turnstile.ts'

export interface PackerOptions {
  /** No payload becomes more than this. */
  readonly maxValueBytes: number
}

export interface PackerParts {
  readonly clock: Clock
  readonly log: Log
}

/** A value as it is stored. */
export interface PackedValue {
  readonly payload: Buffer
  readonly packed: Packed
}

/** What was compressed and read of one keyspace; all numbers only grow. */
export interface PackingStats {
  /** Values that were stored compressed, and those that would not have become small enough. */
  packed: number
  kept: number
  /** Bytes of the former, before and after. */
  bytesBefore: number
  bytesAfter: number
  /** Compressed values that were read, and those of which nothing could be made: they count as misses. */
  unpacked: number
  corrupt: number
}

/** Up to here a thread of its own costs the event loop more than the work itself; measured in `docs/benchmarks.md`. */
const MOST_AT_ONCE_BYTES = 16 << 10
/** In one turn of the event loop: a batch of small values is no small thing. */
const MOST_IN_TURN_BYTES = 64 << 10
/** Of the four threads that Node has for all such work, files and names included. */
const MOST_THREADS = 2
/** What saves less is not worth being unpacked by every reader. */
const LEAST_SAVED = 1 / 8
/** Between two lines in the log of one keyspace. */
const LOG_EVERY_MS = 60_000

/**
 * Makes values smaller for the shared tier, and whole again. Small ones at once, since a thread of its own would cost more;
 * large ones aside, a few at a time. Never rejects: what cannot be packed stays as it is, and what cannot be unpacked is
 * nothing.
 */
export class Packer {
  readonly #options: PackerOptions
  readonly #parts: PackerParts
  readonly #threads = new Turnstile(MOST_THREADS)
  readonly #stats = new Map<string, PackingStats>()
  readonly #loggedAt = new Map<string, number>()
  #inTurnBytes = 0

  constructor(options: PackerOptions, parts: PackerParts) {
    this.#options = options
    this.#parts = parts
  }

  /** By keyspace; those of which nothing was ever compressed are not there. */
  get stats(): ReadonlyMap<string, PackingStats> {
    return this.#stats
  }

  /** The value of a key made smaller; `undefined` where it is to stay as it is. */
  async pack(key: string, value: Buffer, { algorithm, aboveBytes }: Compression): Promise<PackedValue | undefined> {
    if (value.length <= aboveBytes) return undefined
    const tally = this.#of(keyspaceIn(key))
    const payload = await this.#packed(CODECS[algorithm], value)
    if (payload === undefined || payload.length > value.length * (1 - LEAST_SAVED)) {
      tally.kept += 1
      return undefined
    }
    tally.packed += 1
    tally.bytesBefore += value.length
    tally.bytesAfter += payload.length
    return { payload, packed: { codec: CODECS[algorithm].number, bytes: value.length, checksum: crc32(value) } }
  }

  /**
   * What a key holds with its value made whole; `undefined` where that is damaged, larger than values may be, or compressed in
   * a way that is not known here.
   */
  async unpack<Kept extends { readonly value: Buffer }>(
    key: string,
    kept: Kept,
    packed: Packed,
  ): Promise<Kept | undefined> {
    const keyspace = keyspaceIn(key)
    const tally = this.#of(keyspace)
    const value = await this.#unpacked(kept.value, packed)
    if (typeof value === 'string') {
      tally.corrupt += 1
      this.#tell(keyspace, value)
      return undefined
    }
    tally.unpacked += 1
    return { ...kept, value }
  }

  async #packed(codec: Codec, value: Buffer): Promise<Buffer | undefined> {
    try {
      if (this.#isForNow(value.length)) return codec.pack(value)
      return await this.#threads.run(() => codec.packAside(value))
    } catch {
      return undefined
    }
  }

  /** The value, or why there is none. */
  async #unpacked(payload: Buffer, { codec: number, bytes, checksum }: Packed): Promise<Buffer | string> {
    const codec = codecOf(number)
    if (codec === undefined) return `codec ${number} is not known here`
    if (bytes > this.#options.maxValueBytes) return `it would have ${bytes} bytes`
    try {
      const value = this.#isForNow(bytes)
        ? codec.unpack(payload, bytes)
        : await this.#threads.run(() => codec.unpackAside(payload, bytes))
      return value.length === bytes && crc32(value) === checksum ? value : 'its checksum is another'
    } catch (error) {
      return `it cannot be unpacked (${(error as NodeJS.ErrnoException).code})`
    }
  }

  /** Whether a value of so many bytes is to be worked on at once. */
  #isForNow(bytes: number): boolean {
    if (bytes > MOST_AT_ONCE_BYTES || this.#inTurnBytes + bytes > MOST_IN_TURN_BYTES) return false
    if (this.#inTurnBytes === 0) {
      this.#parts.clock.soon(() => {
        this.#inTurnBytes = 0
      })
    }
    this.#inTurnBytes += bytes
    return true
  }

  #tell(keyspace: string, why: string): void {
    const now = this.#parts.clock.now()
    if (now - (this.#loggedAt.get(keyspace) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return
    this.#loggedAt.set(keyspace, now)
    this.#parts.log.warn({ keyspace, why }, 'a compressed value makes no sense and counts as a miss')
  }

  #of(keyspace: string): PackingStats {
    const known = this.#stats.get(keyspace)
    if (known !== undefined) return known
    const fresh = { packed: 0, kept: 0, bytesBefore: 0, bytesAfter: 0, unpacked: 0, corrupt: 0 }
    this.#stats.set(keyspace, fresh)
    return fresh
  }
}
