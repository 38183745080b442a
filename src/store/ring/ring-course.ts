import type { Clock } from '../../base/clock.ts'
import type { Rules } from '../../base/rules.ts'
import type { Ring } from '../../ring/ring.ts'
import type { Rings } from '../../ring/rings.ts'
import { type RingBoard, RingBoards } from './ring-boards.ts'
import { isLater, isSame, type NumberedRing, RingHearsay } from './ring-hearsay.ts'
import type { RingPlan } from './ring-plan.ts'
import { announced, type RingSwitch } from './ring-switch.ts'
import type { RingWord } from './ring-word.ts'
import { WrittenRings } from './written-rings.ts'

/** A ring that nobody reads by is written to for so many heartbeats more: somebody may have to say it anew. */
const KEPT_BEATS = 4

export interface RingCourseParts {
  readonly rings: Rings
  readonly clock: Clock
  readonly heartbeatMs: number
  /** In so many steps the reads move over to another ring. */
  readonly slices: number
  readonly rules: Rules
  /** Whether the origins have room for what the next step will ask of them. */
  readonly mayGoOn: () => boolean
  /** No read goes to the homes of this ring any more; what was read there must not be vouched for any longer. */
  readonly onLeft: (ring: Ring) => void
}

/**
 * By which ring this sidecar reads, and to the homes of which rings it writes, while the fleet goes from one ring to
 * another. It works by what the boards of the shards say, which every sidecar hears with each heartbeat.
 *
 * - **Writing**: to the homes of every ring that is configured here, that anybody alive reads by, or that came into use
 *   last. This is announced (`knows`), and goes on until every shard has answered that the announcement is withdrawn and
 *   that nobody reads by the ring.
 * - **Reading** by another ring begins when all aim at it, every shard of both rings has answered to the announcement
 *   (`reads`) and recorded the ring as in use, and everybody whom these shards know to be alive writes to its homes. A
 *   shard carries out one heartbeat after the other: so a newcomer either is known to the one who announces, or hears of
 *   the announcement with its first heartbeat, before it acknowledges anything.
 * - **Moving** goes slice by slice; the ring before counts as read by until the last slice is through and nothing that
 *   was read there is vouched for any more. Only then do the others stop writing to it.
 * - **Joining**: a newcomer, or one whom all shards have forgotten, reads by the ring in use, whatever it is configured to.
 */
export class RingCourse {
  readonly #parts: RingCourseParts
  readonly #hearsay: RingHearsay
  readonly #boards: RingBoards
  readonly #written = new WrittenRings()
  #plan: RingPlan
  #reads: NumberedRing | undefined
  #next: RingSwitch | undefined
  #isDecided = false

  constructor(plan: RingPlan, parts: RingCourseParts) {
    this.#plan = plan
    this.#parts = parts
    this.#hearsay = new RingHearsay(parts.rings)
    const isListed = (name: string) =>
      [this.#plan.before, this.#plan.after].some(({ nodes }) => nodes.some((node) => node.name === name))
    this.#boards = new RingBoards({ ...parts, hearsay: this.#hearsay, isListed })
    this.#know()
  }

  /** What the keys are read by; `undefined` while it is not known what is in use. */
  get reads(): Ring | undefined {
    return this.#reads?.ring
  }

  /** What is being gone over to, and how far that is. */
  get next(): { readonly ring: Ring; readonly slices: number } | undefined {
    return this.#next
  }

  get plan(): RingPlan {
    return this.#plan
  }

  /** The rings whose homes get the writes. */
  get written(): readonly Ring[] {
    return this.#written.all
  }

  /** Those of them by which anybody reads, or is going to. */
  get needed(): readonly Ring[] {
    return this.#written.needed
  }

  /** Whether any live sidecar reads by another ring than this one, or aims at another. */
  get isApart(): boolean {
    const { after } = this.#plan
    if (this.#next !== undefined || !isSame(after, this.#reads?.ring)) return true
    return this.#boards.others.some(
      ({ aims, reads }) => aims !== after.hash || reads.some((ring) => !isSame(ring, after)),
    )
  }

  /** Whether this shard may be read by this ring: it was told so, and everybody whom it knows writes to the ring. */
  permits(shard: string, ring: Ring): boolean {
    const { waitForAll, announceFirst } = this.#parts.rules
    return !waitForAll || !announceFirst || this.#boards.permits(shard, ring)
  }

  /** The lowest version that counts under a key at this home. */
  leastVersion(shard: string, key: string): number {
    const board = this.#boards.board(shard)
    if (board === undefined) return 0
    return this.#hearsay.leastVersion(shard, board, key)
  }

  change(plan: RingPlan): void {
    this.#plan = plan
    this.review()
  }

  add(shard: RingBoard): void {
    this.#boards.add(shard, () => {
      this.#rejoin(shard)
      this.#boards.permit(shard.name)
      this.review()
    })
    this.#say()
  }

  remove(name: string): void {
    this.#boards.remove(name)
  }

  /** Takes the steps that can be taken. Each heartbeat calls it. */
  review(): void {
    this.#decide()
    do {
      this.#know()
      this.#say()
    } while (this.#isDecided && this.#step())
  }

  /** After all shards had forgotten this sidecar nobody waits for it: where the fleet has gone on, so must it. */
  #rejoin({ board }: RingBoard): void {
    const mine = this.#next ?? this.#reads
    const inUse = this.#hearsay.inUse(board)
    if (!board.isRejoined || mine === undefined || inUse === undefined || !isLater(inUse, mine)) return
    if (this.#boards.isMember) return
    for (const left of [this.#reads, this.#next]) if (left !== undefined) this.#parts.onLeft(left.ring)
    this.#boards.forbid()
    this.#reads = undefined
    this.#next = announced(inUse)
  }

  /** What a newcomer reads by is what is in use, as far as any of its shards knows. */
  #decide(): void {
    if (this.#isDecided || !this.#boards.isAsked) return
    const { inUse } = this.#boards
    this.#isDecided = true
    this.#next = announced(inUse ?? { ring: this.#plan.before, number: 1 })
  }

  /** True when a step was taken. */
  #step(): boolean {
    if (this.#next === undefined) return this.#begin()
    return this.#next.slices === 0 ? this.#enter(this.#next) : this.#move(this.#next)
  }

  #begin(): boolean {
    const reads = this.#reads as NumberedRing
    const next = this.#choose(reads)
    if (next === undefined) return false
    if (isSame(next.ring, reads.ring)) this.#reads = next
    else this.#next = announced(next)
    return true
  }

  /** What to go over to: the ring in use, if that is a later one; else the one aimed at, once all aim at it. */
  #choose(reads: NumberedRing): NumberedRing | undefined {
    const { inUse } = this.#boards
    if (inUse !== undefined && isLater(inUse, reads)) return this.#boards.reaches(inUse.ring) ? inUse : undefined
    const { after: ring } = this.#plan
    if (isSame(ring, reads.ring)) return undefined
    const agrees = (word: RingWord | undefined) =>
      word?.aims === ring.hash && word.reads.every((one) => isSame(one, ring) || isSame(one, reads.ring))
    if (this.#parts.rules.waitForAll && !this.#boards.all([reads.ring, ring], agrees)) return undefined
    return { ring, number: Math.max(reads.number, inUse?.number ?? 0) + 1 }
  }

  /** Begins to read by what was announced, when everybody who has to know of that does. */
  #enter(next: RingSwitch): boolean {
    const { clock, rules } = this.#parts
    const { inUse } = this.#boards
    const reads = this.#reads
    if (inUse !== undefined && isLater(inUse, next)) {
      // Others were quicker with another one.
      this.#next = reads === undefined ? announced(inUse) : undefined
      return true
    }
    const asked = reads === undefined ? [] : [reads.ring]
    if (rules.waitForAll && rules.announceFirst && !this.#boards.isReady(next.ring, asked, reads === undefined))
      return false
    if (reads !== undefined) this.#next = { ...next, slices: 1, steppedAt: clock.now() }
    else {
      this.#reads = next
      this.#next = undefined
    }
    return true
  }

  #move(next: RingSwitch): boolean {
    const { clock, heartbeatMs, slices, mayGoOn, onLeft } = this.#parts
    const now = clock.now()
    if (now - next.steppedAt < heartbeatMs || (next.slices < slices && !mayGoOn())) return false
    if (next.slices < slices) {
      this.#next = { ...next, slices: next.slices + 1, steppedAt: now }
      return false
    }
    const left = this.#reads as NumberedRing
    this.#reads = next
    this.#next = undefined
    onLeft(left.ring)
    return true
  }

  /** Brings the rings that are written to up to what is heard. */
  #know(): void {
    const { clock, heartbeatMs, rules } = this.#parts
    const own = [this.#reads, this.#next, this.#boards.inUse].flatMap((one) => one?.ring ?? [])
    const { before, after } = this.#plan
    const guess = this.#isDecided ? [] : [before]
    // No write has to fail for a shard that has only just been opened, since nobody reads by its ring yet.
    const aim = this.#boards.hasJoined(after) ? [after] : []
    const others = this.#boards.others.flatMap(({ reads }) => reads)
    this.#written.need([...aim, ...guess, ...own, ...others], clock.now(), ({ hash }, unneededMs) => {
      const isOver = unneededMs > KEPT_BEATS * heartbeatMs && this.#boards.isWithdrawn(hash)
      return isOver || !rules.leaveLast
    })
  }

  #say(): void {
    const guess = { ring: this.#plan.before, number: 0 }
    const knows = this.#written.needed.filter((ring) => this.#boards.reaches(ring))
    const word: RingWord = {
      reads: this.#isDecided ? [this.#reads, this.#next].flatMap((one) => one?.ring ?? []) : [guess.ring],
      isGuess: !this.#isDecided,
      knows: new Set(knows.map(({ hash }) => hash)),
      aims: this.#plan.after.hash,
    }
    this.#boards.say(word, this.#next ?? this.#reads ?? guess)
  }
}
