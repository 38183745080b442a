import type { NearEntry } from './near-cache.ts'
import { BONDS, GROUP_NEWER, GROUP_OLDER, MARKS, NEGATIVE, NEGATIVE_NEWER, NEGATIVE_OLDER } from './record.ts'
import type { Records } from './records.ts'
import { ShareLine } from './share-line.ts'

const GROUP_SHIFT = 16

/** Who may take how much: the negative entries together, and each group that has a limit. */
export class Shares {
  readonly #records: Records
  readonly #negatives: ShareLine
  readonly #groups: readonly ShareLine[]

  constructor(records: Records, maxBytes: number, negativeShare: number, maxShares: readonly number[]) {
    this.#records = records
    this.#negatives = new ShareLine(records, maxBytes * negativeShare, NEGATIVE_NEWER, NEGATIVE_OLDER)
    this.#groups = maxShares.map((share) => new ShareLine(records, maxBytes * share, GROUP_NEWER, GROUP_OLDER))
  }

  /** Why something of so many bytes could not get in even if its whole share were free. */
  refusal(entry: NearEntry, bytes: number): 'negative-share' | 'rejected' | undefined {
    if (entry.kind === 'negative' && bytes > this.#negatives.limit) return 'negative-share'
    const group = this.#groupOf(entry)
    return group !== undefined && bytes > group.limit ? 'rejected' : undefined
  }

  /** Which negative entry has to leave before this one may join them; 0 when none has. */
  negativeToLeave(entry: NearEntry, bytes: number): number {
    return entry.kind === 'negative' && this.#negatives.isShortOf(bytes) ? this.#negatives.oldest : 0
  }

  /** Which entry of its group has to leave before this one may join them; 0 when none has. */
  memberToLeave(entry: NearEntry, bytes: number): number {
    const group = this.#groupOf(entry)
    return group?.isShortOf(bytes) ? group.leastRead() : 0
  }

  join(ref: number, entry: NearEntry): void {
    if (entry.kind === 'negative') this.#negatives.join(ref)
    const group = this.#groupOf(entry)
    if (group === undefined) return
    group.join(ref)
    this.#records.setInt(ref, BONDS, this.#records.int(ref, BONDS) | ((entry.group! + 1) << GROUP_SHIFT))
  }

  leave(ref: number): void {
    if ((this.#records.int(ref, MARKS) & NEGATIVE) !== 0) this.#negatives.leave(ref)
    const bond = this.#records.int(ref, BONDS) >>> GROUP_SHIFT
    if (bond !== 0) this.#groups[bond - 1]!.leave(ref)
  }

  #groupOf(entry: NearEntry): ShareLine | undefined {
    return entry.group === undefined ? undefined : this.#groups[entry.group]
  }
}
