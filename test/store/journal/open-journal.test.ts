import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../../src/base/chance.ts'
import { JOURNAL_MAGIC, scanJournal } from '../../../src/store/journal/journal-record.ts'
import { openJournal } from '../../../src/store/journal/open-journal.ts'
import { owed } from './journal-records.ts'

const KEYS = ['a', 'b'.repeat(40), 'schlüssel', 'd']

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringside-journal-'))
  file = join(folder, 'a.journal')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const reopened = () => openJournal({ folder, shard: 'a', maxBytes: 1 << 20 }, systemChance)

/** The bytes of a journal with all the keys, and where each of their records ends. */
async function written(): Promise<{ bytes: Buffer; ends: readonly number[] }> {
  const journal = await reopened()
  const ends: number[] = []
  for (const key of KEYS) {
    await journal.note(key, 10)
    ends.push(readFileSync(file).length)
  }
  await journal.close()
  return { bytes: readFileSync(file), ends }
}

describe('a journal that is opened again', () => {
  it('owes what it owed', async () => {
    await written()
    const journal = await reopened()
    expect(journal.debt()).toMatchObject({ lost: undefined, keys: KEYS.map((key) => ({ key, holdMs: 10 })) })
    await journal.close()
  })

  it('is the same one, and another than that of any other folder', async () => {
    const first = await reopened()
    await first.close()
    const again = await reopened()
    await again.close()
    expect(again.id).toBe(first.id)
    writeFileSync(join(folder, 'a.made'), '')
    const torn = await reopened()
    await torn.close()
    expect(torn.id).not.toBe(first.id)
    expect(readFileSync(join(folder, 'a.made'), 'utf8')).toBe(torn.id)
  })

  it('owes, wherever the process was killed, everything that had been written whole, and can be added to', async () => {
    const { bytes, ends } = await written()
    for (let length = JOURNAL_MAGIC.length; length <= bytes.length; length += 1) {
      writeFileSync(file, bytes.subarray(0, length))
      const journal = await reopened()
      const whole = KEYS.filter((_, index) => (ends[index] as number) <= length)
      expect(owed(journal)).toEqual(whole)
      await journal.note('later', 0)
      await journal.close()
      const again = await reopened()
      expect(owed(again)).toEqual([...whole, 'later'])
      await again.close()
    }
  })

  it('owes everything when any byte of it is another', async () => {
    const { bytes } = await written()
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8))
      expect(scanJournal(damaged).state).toBe('damaged')
    }
    const damaged = Buffer.from(bytes)
    damaged[30] = (damaged[30] as number) ^ 1
    writeFileSync(file, damaged)
    const journal = await reopened()
    expect(owed(journal)).toBe('damaged')
    await journal.close()
  })

  it('is never taken for one of other keys, whatever piece is missing', async () => {
    const { bytes } = await written()
    await fc.assert(
      fc.property(fc.nat({ max: bytes.length - 2 }), fc.integer({ min: 1, max: 60 }), (from, length) => {
        const to = Math.min(bytes.length - 1, from + length)
        const cut = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
        const scan = scanJournal(cut)
        const known = scan.state === 'damaged' ? [] : scan.records.map((record) => record.kind === 'key' && record.key)
        expect(KEYS.filter((key) => known.includes(key))).toEqual(known)
      }),
    )
  })

  it('goes on owing everything, until that is paid', async () => {
    await written()
    writeFileSync(file, 'something else')
    await (await reopened()).close()
    const journal = await reopened()
    expect(owed(journal)).toBe('damaged')
    await journal.forget(journal.debt().upTo)
    await journal.close()
    const again = await reopened()
    expect(owed(again)).toEqual([])
    await again.close()
  })

  it('owes everything when its file is gone', async () => {
    await written()
    rmSync(file)
    const journal = await reopened()
    expect(owed(journal)).toBe('missing')
    await journal.close()
  })

  it('owes nothing when it never was', async () => {
    const journal = await openJournal(
      { folder: join(folder, 'deep', 'down'), shard: 'a', maxBytes: 1 << 20 },
      systemChance,
    )
    expect(owed(journal)).toEqual([])
    expect(existsSync(join(folder, 'deep', 'down', 'a.made'))).toBe(true)
    await journal.close()
  })

  it('is refused where its folder cannot be used', async () => {
    writeFileSync(join(folder, 'no-folder'), '')
    const refused = openJournal({ folder: join(folder, 'no-folder'), shard: 'a', maxBytes: 1 << 20 }, systemChance)
    await expect(refused).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: expect.stringContaining('journal.path'),
    })
  })
})

describe('a process that is killed while it notes', () => {
  it('loses nothing that it had acknowledged', async () => {
    const told = new Set<string>()
    for (let round = 1; round <= 5; round += 1) {
      const args = ['--import', 'tsx', 'test/store/journal/appender.ts', folder]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.length > round * 5_000) child.kill('SIGKILL')
      })
      await once(child, 'close')
      for (const key of text.split('\n').slice(0, -1)) told.add(key)
      const journal = await reopened()
      expect([...told].filter((key) => !journal.owes(key))).toEqual([])
      expect(journal.debt().lost).toBeUndefined()
      await journal.close()
    }
    expect(told.size).toBeGreaterThan(1_000)
  })
})
