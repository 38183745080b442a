import type { Ring } from '../../ring/ring.ts'
import type { Rings } from '../../ring/rings.ts'
import type { NoticeBoard } from '../notice-board.ts'
import { decodeRingWord, RING_PART, type RingWord } from './ring-word.ts'

/** A ring, and how late it came into use in the fleet. */
export interface NumberedRing {
  readonly ring: Ring
  readonly number: number
}

/** Words that are remembered decoded: each sidecar says few, and most say the same. */
const REMEMBERED_WORDS = 256

export const isSame = (one: Ring, other: Ring | undefined): boolean => one.hash === other?.hash

/** Whether one came into use after the other. Two of one number, which only sidecars that did not hear each other make, have an order too. */
export function isLater(one: NumberedRing, other: NumberedRing): boolean {
  return one.number > other.number || (one.number === other.number && String(one.ring) > String(other.ring))
}

/** What the boards of the shards say about rings. */
export class RingHearsay {
  readonly #rings: Rings
  readonly #words = new Map<string, RingWord | undefined>()

  constructor(rings: Rings) {
    this.#rings = rings
  }

  /** The ring that came into use last, as far as this shard knows. */
  inUse(board: NoticeBoard): NumberedRing | undefined {
    const last = board.rings.at(-1)
    const ring = last && this.#rings.parse(last.text)
    return last && ring && { ring, number: last.number }
  }

  /** Of these, the one that came into use last. */
  latest(boards: Iterable<NoticeBoard>): NumberedRing | undefined {
    let latest: NumberedRing | undefined
    for (const board of boards) {
      const last = this.inUse(board)
      if (last !== undefined && (latest === undefined || isLater(last, latest))) latest = last
    }
    return latest
  }

  /** What the others on a board say; a guess that is wrong is no reading. */
  others(board: NoticeBoard): readonly RingWord[] {
    const texts = new Set(board.read(RING_PART).values())
    return [...texts].flatMap((text) => {
      const word = this.decode(text)
      if (word === undefined) return []
      const isWrong = word.isGuess && board.rings.at(-1)?.text !== String(word.reads[0])
      return [isWrong ? { ...word, reads: [] } : word]
    })
  }

  /** Whether everybody else writes to the homes of this ring, as far as this shard knows. */
  allKnow(board: NoticeBoard, ring: Ring): boolean {
    // One that says nothing of rings is of a release that has never changed one.
    const isFirst = board.rings.length <= 1 && board.rings[0]?.text === String(ring)
    return this.all(board, (word) => word?.knows.has(ring.hash) ?? isFirst)
  }

  all(board: NoticeBoard, holds: (word: RingWord | undefined) => boolean): boolean {
    return [...board.others.values()].every((parts) => holds(this.decode(parts.get(RING_PART) ?? '')))
  }

  /** What this sidecar itself had said when the shard answered last. */
  answered(board: NoticeBoard): RingWord | undefined {
    const text = board.answered(RING_PART)
    return text === undefined ? undefined : this.decode(text)
  }

  /**
   * The lowest version that counts under a key at this home: what is below may have been left behind when the key
   * moved away from here, and have missed what was written since.
   */
  leastVersion(shard: string, { rings }: NoticeBoard, key: string): number {
    for (let place = rings.length - 1; place > 0; place -= 1) {
      const [now, before] = [rings[place], rings[place - 1]]
      if (this.#home(now?.text, key) === shard && this.#home(before?.text, key) !== shard) return now?.firstVersion ?? 0
    }
    return rings[0]?.firstVersion ?? 0
  }

  decode(text: string): RingWord | undefined {
    if (!this.#words.has(text)) {
      if (this.#words.size >= REMEMBERED_WORDS) this.#words.clear()
      this.#words.set(text, decodeRingWord(text, this.#rings))
    }
    return this.#words.get(text)
  }

  #home(text: string | undefined, key: string): string | undefined {
    return this.#rings.parse(text ?? '')?.home(key)
  }
}
