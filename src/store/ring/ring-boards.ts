import type { Clock } from '../../base/clock.ts'
import type { Ring } from '../../ring/ring.ts'
import type { NoticeBoard } from '../notice-board.ts'
import type { NumberedRing, RingHearsay } from './ring-hearsay.ts'
import { encodeRingWord, RING_PART, type RingWord } from './ring-word.ts'

/** Some less than a shard remembers a silent member. */
const MEMBER_MS = 10_000

/** A shard as the course of the rings sees it. */
export interface RingBoard {
  readonly name: string
  readonly board: NoticeBoard
  readonly isUp: () => boolean
}

interface Board extends RingBoard {
  readonly stop: () => void
  firstHeardAt: number | undefined
  heardAt: number
  /** Everybody there has heard of this sidecar, so that changes can be acknowledged. */
  wasSettled: boolean
  /** When its memory was last found to be another one than before: those who were on it may not have come back yet. */
  renewedAt: number
  /** Hashes of the rings by which it may be read. */
  permits: ReadonlySet<string>
}

export interface RingBoardsParts {
  readonly hearsay: RingHearsay
  readonly clock: Clock
  readonly heartbeatMs: number
  /** Whether the node is in the configuration. */
  readonly isListed: (name: string) => boolean
}

/** The boards of all shards that this sidecar has open: what is heard there of rings, and what is said. */
export class RingBoards {
  readonly #parts: RingBoardsParts
  readonly #boards = new Map<string, Board>()

  constructor(parts: RingBoardsParts) {
    this.#parts = parts
  }

  /** `heard` is called after each answered heartbeat; the board permits nothing new before `permit`. */
  add({ name, board, isUp }: RingBoard, heard: () => void): void {
    const stop = board.onHeard(heard)
    this.#boards.set(name, {
      name,
      board,
      isUp,
      stop,
      firstHeardAt: undefined,
      heardAt: Number.NEGATIVE_INFINITY,
      wasSettled: false,
      renewedAt: Number.NEGATIVE_INFINITY,
      permits: new Set(),
    })
  }

  remove(name: string): void {
    this.#boards.get(name)?.stop()
    this.#boards.delete(name)
  }

  board(name: string): NoticeBoard | undefined {
    return this.#boards.get(name)?.board
  }

  /** Notes that the board was heard, and by which rings its shard may be read from then on. */
  permit(name: string): void {
    const shard = this.#boards.get(name)
    if (shard === undefined) return
    const { clock, heartbeatMs, hearsay } = this.#parts
    const { board } = shard
    const now = clock.now()
    if (board.isNewEpoch && shard.firstHeardAt !== undefined) shard.renewedAt = now
    shard.firstHeardAt ??= now
    shard.heardAt = now
    shard.wasSettled ||= board.isSettled
    const before = board.isRejoined ? undefined : shard.permits
    const recorded = new Set(board.rings.map(({ text }) => text))
    const isQuiet = now - shard.renewedAt < 2 * heartbeatMs
    const permitted = (hearsay.answered(board)?.reads ?? []).filter(
      (ring) => before?.has(ring.hash) || (!isQuiet && recorded.has(String(ring)) && hearsay.allKnow(board, ring)),
    )
    shard.permits = new Set(permitted.map(({ hash }) => hash))
  }

  permits(name: string, ring: Ring): boolean {
    return this.#boards.get(name)?.permits.has(ring.hash) === true
  }

  /** Nothing may be read until it is permitted anew. */
  forbid(): void {
    for (const shard of this.#boards.values()) shard.permits = new Set()
  }

  /** Whether any shard can still remember this sidecar. */
  get isMember(): boolean {
    const now = this.#parts.clock.now()
    return [...this.#boards.values()].some(({ heardAt }) => now - heardAt < MEMBER_MS)
  }

  /** Whether the shards have been asked what they know: each has answered, or has had the time to, and one has. */
  get isAsked(): boolean {
    const { clock, heartbeatMs } = this.#parts
    const boards = [...this.#boards.values()]
    const heard = boards.filter(({ firstHeardAt }) => firstHeardAt !== undefined)
    const isLong = heard.every(({ firstHeardAt = 0 }) => clock.now() - firstHeardAt >= 2 * heartbeatMs)
    return heard.length > 0 && (heard.length === boards.length || isLong)
  }

  /**
   * Whether everybody writes to the homes of this ring who can be heard on the shards of these, and each of them may be
   * read by it. `onlyHeard`: those that have not been heard yet are left out.
   */
  isReady(ring: Ring, others: readonly Ring[], onlyHeard: boolean): boolean {
    const asked = this.#of(ring, ...others).filter(({ firstHeardAt }) => !onlyHeard || firstHeardAt !== undefined)
    const { hearsay } = this.#parts
    return asked.every(({ name, board }) => this.permits(name, ring) && hearsay.allKnow(board, ring))
  }

  /** Whether what all others say on the shards of these rings is like this. */
  all(rings: readonly Ring[], holds: (word: RingWord | undefined) => boolean): boolean {
    return this.#of(...rings).every(({ board }) => this.#parts.hearsay.all(board, holds))
  }

  /** Whether all shards have answered that this sidecar says no more that it writes to a ring. */
  isWithdrawn(hash: string): boolean {
    const isTold = ({ board }: Board) => this.#parts.hearsay.answered(board)?.knows.has(hash) === false
    return this.#counting.every(isTold)
  }

  /** The ring that came into use last, as far as any shard knows. */
  get inUse(): NumberedRing | undefined {
    return this.#parts.hearsay.latest(this.#counting.map(({ board }) => board))
  }

  get others(): readonly RingWord[] {
    return this.#counting.flatMap(({ board }) => this.#parts.hearsay.others(board))
  }

  /** Whether a shard is open for each node. */
  reaches(ring: Ring): boolean {
    return ring.nodes.every(({ name }) => this.#boards.has(name))
  }

  /** Whether changes can be made at every node. */
  hasJoined(ring: Ring): boolean {
    return ring.nodes.every(({ name }) => this.#boards.get(name)?.wasSettled === true)
  }

  say(word: RingWord, { ring, number }: NumberedRing): void {
    const text = encodeRingWord(word)
    for (const { board } of this.#boards.values()) {
      board.post(RING_PART, text)
      board.use({ number, text: String(ring) })
    }
  }

  #of(...rings: readonly Ring[]): readonly Board[] {
    const names = new Set(rings.flatMap((ring) => ring.nodes.map(({ name }) => name)))
    return this.#counting.filter((shard) => names.has(shard.name))
  }

  /** All but those that are neither configured nor there: what they said last is of no use, and nobody waits for them. */
  get #counting(): readonly Board[] {
    return [...this.#boards.values()].filter(({ name, isUp }) => this.#parts.isListed(name) || isUp())
  }
}
