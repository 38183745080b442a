import type { ChannelProof } from '../store/channel-proof.ts'

/** When a tag was last invalidated, as its record told. */
export interface TagStamp {
  /** The life of the tag's shard on whose clock the stamp was made. */
  readonly epoch: number
  /** On that clock, in µs. */
  readonly us: number
  /** Up to when that is known to be the last one, on this sidecar's monotonic clock; later by what `proof` has proven since. */
  readonly asOf: number
  readonly proof: ChannelProof | undefined
}

/** What this sidecar knows of one tag: shared by all that hangs on it. */
export interface TagState {
  /** `undefined` = nothing. */
  stamp: TagStamp | undefined
}

/** Roughly, what one takes up. */
const STATE_BYTES = 200
const MOST_TAGS = 50_000

/** The last stamps of tags that were read, each for as long as nothing tells that it has moved. */
export class TagStates {
  readonly #states = new Map<string, TagState>()
  readonly #most: number

  constructor(mostBytes = Number.POSITIVE_INFINITY) {
    this.#most = Math.min(MOST_TAGS, Math.floor(mostBytes / STATE_BYTES))
  }

  get bytes(): number {
    return this.#states.size * STATE_BYTES
  }

  /** `name`: of the tag's record. */
  of(name: string): TagState {
    const known = this.#states.get(name)
    if (known !== undefined) return known
    const state: TagState = { stamp: undefined }
    this.#states.set(name, state)
    for (const [oldest, { stamp }] of this.#states) {
      if (this.#states.size <= this.#most) break
      // Whoever still points to it is told no more.
      if (stamp !== undefined) this.drop(oldest)
      this.#states.delete(oldest)
    }
    return state
  }

  stampOf(name: string): TagStamp | undefined {
    return this.#states.get(name)?.stamp
  }

  /** Unless a later stamp is known, which an answer that was slower cannot unmake. */
  keep(name: string, stamp: TagStamp): void {
    const state = this.of(name)
    const isOlder = state.stamp?.epoch === stamp.epoch && state.stamp.us > stamp.us
    if (!isOlder) state.stamp = stamp
  }

  /** It has moved, or may have. */
  drop(name: string): void {
    const state = this.#states.get(name)
    if (state !== undefined) state.stamp = undefined
  }

  clear(): void {
    for (const state of this.#states.values()) state.stamp = undefined
    this.#states.clear()
  }
}

/** The latest moment at which nothing later than the stamp was known. */
export function knownUntil({ asOf, proof }: TagStamp): number {
  return proof === undefined ? asOf : Math.max(asOf, proof.provenAt)
}
