import type { JournalStorage } from './journal-file.ts'
import { encodeJournalRecord, JOURNAL_MAGIC, type JournalLoss, type JournalRecord } from './journal-record.ts'

export interface JournalOptions {
  /** Its name among the journals of all sidecars, whoever opens it. */
  readonly id: string
  /** Most bytes of the file. */
  readonly maxBytes: number
}

export interface JournalStats {
  /** Keys that wait to be invalidated. */
  readonly keys: number
  readonly bytes: number
  /** How often it lost sight of its keys, by cause. */
  readonly losses: Readonly<Record<JournalLoss, number>>
}

/** What is to be invalidated: everything, or these keys. `upTo` tells it from what is noted later. */
export type JournalDebt =
  | { readonly upTo: number; readonly lost: JournalLoss }
  | {
      readonly upTo: number
      readonly lost: undefined
      readonly keys: readonly { readonly key: string; readonly holdMs: number }[]
    }

interface Noted {
  readonly holdMs: number
  readonly at: number
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const ROOM_FOR_EVERYTHING = encodeJournalRecord({ kind: 'everything', why: 'missing' }).length

/**
 * The invalidations that one shard has yet to hear of, on disk and in memory. A key that waits already is not written
 * again. When there is no room for more, one record stands for all: that everything has to be invalidated.
 *
 * Notes that are made while the disk works go to it together, so that what a burst costs is bound by the disk's round
 * trips and not by the number of its keys.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #storage: JournalStorage
  readonly #keys = new Map<string, Noted>()
  readonly #losses: Record<JournalLoss, number> = { full: 0, damaged: 0, missing: 0 }
  #lost: JournalLoss | undefined
  #last = 0
  #bytes = JOURNAL_MAGIC.length
  #unwritten: Buffer[] = []
  #waiters: Waiter[] = []
  /** What stands in the file cannot be added to: it holds too much, or a write of unknown outcome. */
  #isStale = false
  #committing: Promise<void> | undefined

  /** `records`: what the storage holds now, if it may be added to; else `renew` is to be called first. */
  constructor(options: JournalOptions, storage: JournalStorage, records: readonly JournalRecord[]) {
    this.#options = options
    this.#storage = storage
    for (const record of records) {
      this.#bytes += encodeJournalRecord(record).length
      if (record.kind === 'everything') this.#lose(record.why)
      else this.#remember(record.key, record.holdMs)
    }
  }

  get id(): string {
    return this.#options.id
  }

  /** Grows with each note; 0 = there was none. */
  get last(): number {
    return this.#last
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0 && this.#lost === undefined
  }

  get stats(): JournalStats {
    return { keys: this.#keys.size, bytes: this.#bytes, losses: this.#losses }
  }

  debt(): JournalDebt {
    if (this.#lost !== undefined) return { upTo: this.#last, lost: this.#lost }
    return { upTo: this.#last, lost: undefined, keys: [...this.#keys].map(([key, { holdMs }]) => ({ key, holdMs })) }
  }

  /** Whether the key is to be invalidated. */
  owes(key: string): boolean {
    return this.#lost !== undefined || this.#keys.has(key)
  }

  /** Resolves when the note is on the disk; rejects when the disk refuses it. It counts from the call on either way. */
  note(key: string, holdMs: number): Promise<void> {
    const isKnown = this.#lost !== undefined || (this.#keys.get(key)?.holdMs ?? -1) >= holdMs
    if (this.#lost === undefined) this.#remember(key, holdMs)
    else this.#last += 1
    if (!isKnown) this.#write({ kind: 'key', key, holdMs })
    else if (this.#committing === undefined && !this.#isStale) return Promise.resolve()
    return this.#committed()
  }

  /** Strikes out what was noted up to then, and makes the file small again. */
  async forget(upTo: number): Promise<void> {
    if (this.#last <= upTo) this.#lost = undefined
    for (const [key, { at }] of this.#keys) if (at <= upTo) this.#keys.delete(key)
    await this.renew()
  }

  /** Strikes out keys that have not been noted again since the note that is named with each. */
  async strike(keys: ReadonlyMap<string, number>): Promise<void> {
    for (const [key, upTo] of keys) if ((this.#keys.get(key)?.at ?? 0) <= upTo) this.#keys.delete(key)
    await this.renew()
  }

  /** Writes the file anew. */
  renew(): Promise<void> {
    this.#isStale = true
    return this.#committed()
  }

  async close(): Promise<void> {
    await this.#committing
    await this.#storage.close()
  }

  #remember(key: string, holdMs: number): void {
    this.#last += 1
    const held = Math.max(holdMs, this.#keys.get(key)?.holdMs ?? 0)
    this.#keys.set(key, { holdMs: held, at: this.#last })
  }

  #lose(why: JournalLoss): void {
    this.#last += 1
    this.#losses[why] += 1
    this.#lost = why
    this.#keys.clear()
  }

  #write(record: JournalRecord): void {
    const bytes = encodeJournalRecord(record)
    const fits = this.#bytes + bytes.length + ROOM_FOR_EVERYTHING <= this.#options.maxBytes
    if (!fits) this.#lose('full')
    const added = fits ? bytes : encodeJournalRecord({ kind: 'everything', why: 'full' })
    this.#unwritten.push(added)
    this.#bytes += added.length
  }

  #committed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#committing ??= this.#commit()
    })
  }

  async #commit(): Promise<void> {
    while (this.#waiters.length > 0) {
      const waiters = this.#waiters
      this.#waiters = []
      try {
        await this.#flush()
        for (const { resolve } of waiters) resolve()
      } catch (error) {
        // What the file holds now is unknown, and a later sync would not tell.
        this.#isStale = true
        for (const { reject } of waiters) reject(error)
      }
    }
    this.#committing = undefined
  }

  async #flush(): Promise<void> {
    const added = Buffer.concat(this.#unwritten)
    this.#unwritten = []
    if (!this.#isStale) return added.length === 0 ? undefined : this.#storage.append(added)
    const records: JournalRecord[] = [...this.#keys].map(([key, { holdMs }]) => ({ kind: 'key', key, holdMs }))
    if (this.#lost !== undefined) records.push({ kind: 'everything', why: this.#lost })
    const whole = Buffer.concat([JOURNAL_MAGIC, ...records.map(encodeJournalRecord)])
    this.#bytes = whole.length
    this.#isStale = false
    await this.#storage.replace(whole)
  }
}

/** What one shard has to hear of: a journal of its own, or its part of one. */
export type JournalPart = Pick<
  Journal,
  'id' | 'last' | 'isEmpty' | 'stats' | 'debt' | 'owes' | 'note' | 'forget' | 'close'
>
