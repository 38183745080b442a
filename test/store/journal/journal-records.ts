import type { Journal } from '../../../src/store/journal/journal.ts'
import type { JournalStorage } from '../../../src/store/journal/journal-file.ts'

/** The keys that a journal owes, in order, or why it owes everything. */
export function owed(journal: Journal): readonly string[] | string {
  const debt = journal.debt()
  return debt.lost ?? debt.keys.map(({ key }) => key)
}

/** A disk whose work is done when the test says so, or fails. */
export class ScriptedStorage implements JournalStorage {
  /** What reached the disk, one entry for each trip. */
  readonly trips: { readonly kind: 'append' | 'replace'; readonly bytes: Buffer }[] = []
  failure: Error | undefined
  held: Promise<void> | undefined

  append(bytes: Buffer): Promise<void> {
    return this.#trip('append', bytes)
  }

  replace(bytes: Buffer): Promise<void> {
    return this.#trip('replace', bytes)
  }

  async close(): Promise<void> {}

  async #trip(kind: 'append' | 'replace', bytes: Buffer): Promise<void> {
    await this.held
    if (this.failure !== undefined) throw this.failure
    this.trips.push({ kind, bytes })
  }
}
