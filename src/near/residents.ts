import type { KeyText } from '../base/key-text.ts'
import type { EvictionPolicy } from './eviction-policy.ts'
import { KeyIndex } from './key-index.ts'
import type { EvictionCause, NearEntry, Proof } from './near-cache.ts'
import { Newcomer } from './newcomer.ts'
import { ProofTable } from './proof-table.ts'
import { HITS_SHIFT, IN_MAIN, MARKS } from './record.ts'
import { Records } from './records.ts'
import { Shares } from './shares.ts'
import { SpaceFinder } from './space-finder.ts'
import type { TableSpace } from './word-table.ts'

/** An entry that would take more than this of what entries may take is refused: the rest is lost at the ends of blocks. */
const LARGEST_SHARE = 15 / 16
/** What the policy knows of an entry, and goes over to the one that replaces it. */
const POLICY_MARKS = IN_MAIN | (-1 << HITS_SHIFT)

export interface ByteBounds {
  readonly maxBytes: number
  /** Share of `maxBytes`, 0..1, that negative entries may take. */
  readonly negativeShare: number
  /** Share of `maxBytes`, 0..1, that the entries of each group may take. */
  readonly maxShares: readonly number[]
  readonly policy: (records: Records, space: TableSpace, maxBytes: number) => EvictionPolicy
}

/** The resident entries, and who has to leave so that another one may come. */
export class Residents {
  readonly records: Records
  readonly #left: (cause: EvictionCause) => void
  readonly #index: KeyIndex
  readonly #policy: EvictionPolicy
  readonly #shares: Shares
  readonly #proofs: ProofTable
  #count = 0

  /** `left` is told of each entry that leaves. */
  constructor(bounds: ByteBounds, left: (cause: EvictionCause) => void) {
    this.records = new Records(bounds.maxBytes)
    this.#left = left
    const finder = new SpaceFinder(this.records.arena, (ref) => this.take(ref, 'size'))
    const space: TableSpace = (order) => finder.find(order)
    this.#index = new KeyIndex(this.records, space)
    this.#policy = bounds.policy(this.records, space, bounds.maxBytes)
    this.#shares = new Shares(this.records, bounds.maxBytes, bounds.negativeShare, bounds.maxShares)
    this.#proofs = new ProofTable(this.records)
  }

  get count(): number {
    return this.#count
  }

  /** 0 when there is none. */
  find(hash: number, key: string): number {
    return this.#index.find(hash, key)
  }

  findText(hash: number, key: KeyText): number {
    return this.#index.findText(hash, key)
  }

  hit(ref: number): void {
    this.#policy.hit(ref)
  }

  proofOf(ref: number): Proof | undefined {
    return this.#proofs.of(ref)
  }

  /** Whether an entry that was not there would be likely to stay, however full the cache is. */
  wants(hash: number): boolean {
    return this.#policy.wants(hash)
  }

  newcomer(hash: number, key: string, entry: NearEntry): Newcomer {
    return new Newcomer(hash, key, entry, this.records.arena.largestOrder)
  }

  /** Why the newcomer could not get in even if all others left. */
  refusal({ entry, bytes }: Newcomer): EvictionCause | undefined {
    if (bytes > this.records.arena.chainableBytes * LARGEST_SHARE) return 'rejected'
    return this.#shares.refusal(entry, bytes)
  }

  /** Lets one in that is not refused, others making room; false when the policy would rather keep those. */
  enter(newcomer: Newcomer, now: number): boolean {
    const { hash, bytes } = newcomer
    const marks = this.#policy.admit(hash, bytes, bytes > this.records.arena.freeBytes)
    return marks !== undefined && this.#settle(newcomer, marks, now)
  }

  /** Puts one in the place of the record under the same key; false when there is no room, and then neither stays. */
  replace(ref: number, newcomer: Newcomer, now: number): boolean {
    const marks = this.records.int(ref, MARKS) & POLICY_MARKS
    this.#policy.leave(ref)
    this.#forget(ref, 'replaced')
    return this.#settle(newcomer, marks, now)
  }

  /** Takes an entry out that might have stayed. */
  take(ref: number, cause: EvictionCause): void {
    this.#policy.leave(ref)
    this.#policy.remember(ref)
    this.#forget(ref, cause)
  }

  #settle(newcomer: Newcomer, marks: number, now: number): boolean {
    const { entry, bytes } = newcomer
    // Tables first: to find space for them entries may have to leave, and the newcomer isn't one that can.
    if (!this.#policy.reserve() || !this.#index.reserve()) return false
    this.#keepShares(entry, bytes)
    const ref = this.records.allocate(newcomer.payload, () => this.#evict(marks, bytes, now))
    if (ref === 0) return false
    // Once more: where the fitting blocks were missing, smaller ones together take more than was planned.
    const taken = this.records.footprint(ref)
    if (this.#shares.refusal(entry, taken) !== undefined) {
      this.records.arena.freeChain(ref)
      return false
    }
    this.#keepShares(entry, taken)
    this.records.write(ref, newcomer.hash, newcomer.key, entry)
    this.records.setInt(ref, MARKS, this.records.int(ref, MARKS) | marks)
    this.#shares.join(ref, entry)
    if (entry.proof !== undefined) this.#proofs.join(ref, entry.proof)
    this.#index.add(ref)
    this.#policy.add(ref)
    this.#count += 1
    return true
  }

  #keepShares(entry: NearEntry, bytes: number): void {
    for (let ref = this.#shares.negativeToLeave(entry, bytes); ref !== 0; ) {
      this.take(ref, 'negative-share')
      ref = this.#shares.negativeToLeave(entry, bytes)
    }
    for (let ref = this.#shares.memberToLeave(entry, bytes); ref !== 0; ) {
      this.take(ref, 'size')
      ref = this.#shares.memberToLeave(entry, bytes)
    }
  }

  #evict(marks: number, bytes: number, now: number): boolean {
    const victim = this.#policy.evict(marks, bytes, now)
    if (victim === 0) return false
    this.#forget(victim, this.records.expiresAt(victim) < now ? 'expired' : 'size')
    return true
  }

  #forget(ref: number, cause: EvictionCause): void {
    this.#index.remove(ref)
    this.#shares.leave(ref)
    this.#proofs.leave(ref)
    this.records.arena.freeChain(ref)
    this.#count -= 1
    this.#left(cause)
  }
}
