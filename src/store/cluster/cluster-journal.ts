import type { Journal, JournalDebt, JournalPart, JournalStats } from '../journal/journal.ts'
import type { JournalLoss } from '../journal/journal-record.ts'

export interface ClusterJournalParts {
  readonly journal: Journal
  /** What the present owner of a key owes; `undefined` where there is none. */
  readonly owing: (key: string) => MasterJournal | undefined
}

/**
 * One journal for all masters of a cluster: who has to hear of a key is not known before its invalidation can be made
 * good, since slots move and masters come and go meanwhile.
 */
export class ClusterJournal {
  readonly #parts: ClusterJournalParts
  readonly #masters = new Set<MasterJournal>()

  constructor(parts: ClusterJournalParts) {
    this.#parts = parts
  }

  get journal(): Journal {
    return this.#parts.journal
  }

  /** What a master that has come has to hear; it owes nothing before slots are `shared` anew. */
  master(): MasterJournal {
    const master = new MasterJournal(this)
    this.#masters.add(master)
    const { lost } = this.journal.debt()
    if (lost !== undefined) master.lose(lost)
    return master
  }

  /** Slots have other owners: each owes what is owed of its own. */
  share(): void {
    if (this.journal.isEmpty) return
    const debt = this.journal.debt()
    if (debt.lost !== undefined) return
    for (const { key, holdMs } of debt.keys) {
      const owing = this.#parts.owing(key)
      for (const master of this.#masters) if (master !== owing) master.drop(key)
      if (owing?.has(key) === false) owing.owe(key, holdMs, debt.upTo)
    }
  }

  note(key: string, holdMs: number): Promise<void> {
    const written = this.journal.note(key, holdMs)
    const { lost, upTo } = this.journal.debt()
    if (lost === undefined) this.#parts.owing(key)?.owe(key, holdMs, upTo)
    else for (const master of this.#masters) master.lose(lost)
    return written
  }

  /** One of them has ended its epoch for what was lost: the last one strikes it out for all. */
  async settle(): Promise<void> {
    if (this.journal.debt().lost === undefined || [...this.#masters].some(({ lost }) => lost)) return
    await this.journal.forget(this.journal.last)
  }

  /** A master that owns nothing any more has nothing to hear. */
  leave(master: MasterJournal): void {
    this.#masters.delete(master)
  }
}

interface Owed {
  readonly holdMs: number
  /** When it was noted, in the count of the journal. */
  readonly at: number
  /** Since when it is owed here, in the count of this part. */
  readonly since: number
}

/** What one master of a cluster has to hear of the journal of them all. */
export class MasterJournal implements JournalPart {
  readonly #all: ClusterJournal
  readonly #owed = new Map<string, Owed>()
  #last = 0
  #loss: { readonly why: JournalLoss; readonly since: number } | undefined

  constructor(all: ClusterJournal) {
    this.#all = all
  }

  get id(): string {
    return this.#all.journal.id
  }

  get last(): number {
    return this.#last
  }

  get lost(): boolean {
    return this.#loss !== undefined
  }

  get isEmpty(): boolean {
    return this.#owed.size === 0 && this.#loss === undefined
  }

  /** The bytes are those of the one file. */
  get stats(): JournalStats {
    return { ...this.#all.journal.stats, keys: this.#owed.size }
  }

  debt(): JournalDebt {
    if (this.#loss !== undefined) return { upTo: this.#last, lost: this.#loss.why }
    const keys = [...this.#owed].map(([key, { holdMs }]) => ({ key, holdMs }))
    return { upTo: this.#last, lost: undefined, keys }
  }

  owes(key: string): boolean {
    return this.#loss !== undefined || this.#owed.has(key)
  }

  note(key: string, holdMs: number): Promise<void> {
    return this.#all.note(key, holdMs)
  }

  async forget(upTo: number): Promise<void> {
    const paid = new Map<string, number>()
    for (const [key, { at, since }] of this.#owed) {
      if (since > upTo) continue
      paid.set(key, at)
      this.#owed.delete(key)
    }
    if (this.#loss !== undefined && this.#loss.since <= upTo) this.#loss = undefined
    if (paid.size > 0) await this.#all.journal.strike(paid)
    await this.#all.settle()
  }

  async close(): Promise<void> {
    this.#all.leave(this)
  }

  has(key: string): boolean {
    return this.#owed.has(key)
  }

  /** `at`: the last note of the journal. */
  owe(key: string, holdMs: number, at: number): void {
    const known = this.#owed.get(key)
    if (known !== undefined && known.at >= at && known.holdMs >= holdMs) return
    this.#last += 1
    this.#owed.set(key, { holdMs: Math.max(holdMs, known?.holdMs ?? 0), at, since: this.#last })
  }

  drop(key: string): void {
    this.#owed.delete(key)
  }

  lose(why: JournalLoss): void {
    this.#last += 1
    this.#loss = { why, since: this.#last }
    this.#owed.clear()
  }
}
