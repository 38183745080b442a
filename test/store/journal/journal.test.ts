import { describe, expect, it } from 'vitest'
import { Journal } from '../../../src/store/journal/journal.ts'
import { JOURNAL_MAGIC, scanJournal } from '../../../src/store/journal/journal-record.ts'
import { owed, ScriptedStorage } from './journal-records.ts'

function made({ maxBytes = 1 << 20 } = {}) {
  const storage = new ScriptedStorage()
  return { storage, journal: new Journal({ id: 'j', maxBytes }, storage, []) }
}

/** Whether a promise has settled by the next turn. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))
  return Promise.race([promise.then(() => true), later])
}

describe('a journal', () => {
  it('acknowledges a note when the disk has it, and not sooner', async () => {
    const { storage, journal } = made()
    let release: () => void = () => undefined
    storage.held = new Promise((resolve) => {
      release = resolve
    })
    const noted = journal.note('a', 0)
    expect(await settled(noted)).toBe(false)
    expect(journal.owes('a')).toBe(true)
    release()
    await noted
    expect(storage.trips).toHaveLength(1)
  })

  it('takes what is noted while the disk works there in one trip', async () => {
    const { storage, journal } = made()
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => journal.note(`k${index}`, 0)))
    expect(storage.trips).toHaveLength(2)
    expect(journal.stats.keys).toBe(1_000)
  })

  it('writes a key once, however often it is noted, but a longer hold again', async () => {
    const { storage, journal } = made()
    await journal.note('a', 50)
    await journal.note('a', 20)
    expect(storage.trips).toHaveLength(1)
    await journal.note('a', 70)
    expect(storage.trips).toHaveLength(2)
    expect(journal.debt()).toMatchObject({ keys: [{ key: 'a', holdMs: 70 }] })
  })

  it('does not acknowledge a key that is known before its first note is on the disk', async () => {
    const { storage, journal } = made()
    storage.held = new Promise(() => undefined)
    void journal.note('a', 0)
    expect(await settled(journal.note('a', 0))).toBe(false)
  })

  it('strikes out what was noted up to a moment, and keeps what was noted again since', async () => {
    const { storage, journal } = made()
    for (const key of ['a', 'b', 'c']) await journal.note(key, 0)
    const { upTo } = journal.debt()
    await journal.note('b', 0)
    await journal.forget(upTo)
    expect(owed(journal)).toEqual(['b'])
    const scan = scanJournal(storage.trips.at(-1)?.bytes ?? Buffer.alloc(0))
    expect(scan).toEqual({ state: 'whole', records: [{ kind: 'key', key: 'b', holdMs: 0 }] })
  })

  it('stays within its bytes, by owing everything', async () => {
    const { storage, journal } = made({ maxBytes: 500 })
    for (let index = 0; index < 100; index += 1) await journal.note(`key-${index}`, 0)
    expect(owed(journal)).toBe('full')
    expect(journal.stats).toMatchObject({ keys: 0, losses: { full: 1, damaged: 0, missing: 0 } })
    const written = JOURNAL_MAGIC.length + storage.trips.reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(written).toBeLessThanOrEqual(500)
    expect(journal.owes('whatever')).toBe(true)
  })

  it('owes keys again, and has room, once everything is paid', async () => {
    const { journal } = made({ maxBytes: 500 })
    for (let index = 0; index < 100; index += 1) await journal.note(`key-${index}`, 0)
    await journal.forget(journal.debt().upTo)
    expect(journal.isEmpty).toBe(true)
    await journal.note('a', 0)
    expect(owed(journal)).toEqual(['a'])
  })

  it('goes on owing everything when something was noted since', async () => {
    const { journal } = made({ maxBytes: 60 })
    for (const key of ['key-1', 'key-2', 'key-3']) await journal.note(key, 0)
    const { upTo } = journal.debt()
    await journal.note('key-4', 0)
    await journal.forget(upTo)
    expect(owed(journal)).toBe('full')
  })

  it('says so when the disk fails, and writes the whole anew before it trusts the file again', async () => {
    const { storage, journal } = made()
    await journal.note('a', 0)
    storage.failure = new Error('EIO')
    await expect(journal.note('b', 0)).rejects.toThrow('EIO')
    await expect(journal.note('b', 0)).rejects.toThrow('EIO')
    storage.failure = undefined
    await journal.note('c', 0)
    expect(storage.trips.map(({ kind }) => kind)).toEqual(['append', 'replace'])
    expect(scanJournal(storage.trips.at(-1)?.bytes ?? Buffer.alloc(0))).toMatchObject({
      records: [{ key: 'a' }, { key: 'b' }, { key: 'c' }],
    })
  })
})
