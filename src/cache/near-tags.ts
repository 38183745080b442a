import type { Rules } from '../base/rules.ts'
import type { TagRef } from '../base/tag-ref.ts'
import { tagName } from '../keyspace/physical-key.ts'
import { knownUntil, type TagState, type TagStates } from './tag-states.ts'

interface Tie extends Pick<TagRef, 'epoch' | 'sinceUs'> {
  readonly state: TagState
}

interface Tied {
  readonly version: number
  readonly ties: readonly Tie[]
  readonly bytes: number
}

const ENTRY_BYTES = 200
const TIE_BYTES = 60

/**
 * What near entries hang on that carry tags: each is tied to what is known of its tags, so that it ceases to answer the
 * moment that one of them moves. An entry whose ties are gone does not answer.
 */
export class NearTags {
  readonly #states: TagStates
  readonly #rules: Rules
  readonly #mostBytes: number
  /** In the order of their coming. */
  readonly #tied = new Map<string, Tied>()
  #bytes = 0

  constructor(states: TagStates, rules: Rules, mostBytes: number) {
    this.#states = states
    this.#rules = rules
    this.#mostBytes = mostBytes
  }

  /** What it takes up, beside the near cache: estimated, since it lies on the heap. */
  get bytes(): number {
    return this.#bytes
  }

  tie(physicalKey: string, version: number, tags: readonly TagRef[]): void {
    this.untie(physicalKey)
    const ties = tags.map(({ tag, epoch, sinceUs }) => {
      return { state: this.#states.of(tagName(physicalKey, tag)), epoch, sinceUs }
    })
    const bytes = ENTRY_BYTES + physicalKey.length + TIE_BYTES * ties.length
    this.#tied.set(physicalKey, { version, ties, bytes })
    this.#bytes += bytes
    for (const oldest of this.#tied.keys()) {
      if (this.#bytes <= this.#mostBytes) break
      this.untie(oldest)
    }
  }

  untie(physicalKey: string): void {
    this.#bytes -= this.#tied.get(physicalKey)?.bytes ?? 0
    this.#tied.delete(physicalKey)
  }

  clear(): void {
    this.#tied.clear()
    this.#bytes = 0
  }

  /** As of when none of an entry's tags is known to have been invalidated since its load; -Infinity = one was, or may have been. */
  asOf(physicalKey: string, version: number): number {
    const tied = this.#tied.get(physicalKey)
    if (tied === undefined || tied.version !== version) return Number.NEGATIVE_INFINITY
    let asOf = Number.POSITIVE_INFINITY
    for (const { state, epoch, sinceUs } of tied.ties) {
      const { stamp } = state
      if (stamp === undefined || stamp.us >= sinceUs) return Number.NEGATIVE_INFINITY
      if (stamp.epoch !== epoch && this.#rules.tagEpochs) return Number.NEGATIVE_INFINITY
      const until = knownUntil(stamp)
      if (until < asOf) asOf = until
    }
    return asOf
  }
}
