import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Chance } from '../../base/chance.ts'
import { RingsideError } from '../../base/errors.ts'
import { Journal } from './journal.ts'
import { JournalFile, readIfThere, syncFolder } from './journal-file.ts'
import { type JournalRecord, scanJournal } from './journal-record.ts'

const ID_BYTES = 8

export interface OpenJournalOptions {
  /** Most bytes of the file. */
  readonly maxBytes: number
  /** A folder of this sidecar's own. */
  readonly folder: string
  readonly shard: string
}

/**
 * Opens the journal of one shard, `<shard>.journal`, whose id stands in `<shard>.made` from its first opening on. A record that was torn by the end of the process is cut off: nobody
 * was told that it is there. Where anything else is wrong with the file, or it is gone though `<shard>.made` says that
 * there was one, everything has to be invalidated. Rejects with `CONFIG_INVALID` when the folder cannot be used.
 */
export async function openJournal({ folder, shard, maxBytes }: OpenJournalOptions, chance: Chance): Promise<Journal> {
  const path = join(folder, `${shard}.journal`)
  const marker = join(folder, `${shard}.made`)
  try {
    const topmost = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (topmost !== undefined) await syncFolder(dirname(topmost))
    const made = await readIfThere(marker)
    const id = made === undefined || made.length === 0 ? chance.bytes(ID_BYTES).toString('base64url') : made.toString()
    const records = recordsIn(await readIfThere(path), made !== undefined)
    const journal = new Journal({ id, maxBytes }, new JournalFile(path), records)
    await journal.renew()
    if (made?.toString() !== id) await make(marker, folder, id)
    return journal
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new RingsideError(
      'CONFIG_INVALID',
      `journal.path: ${folder} cannot be used (${why}); give a folder that the sidecar may write to`,
      { cause: error },
    )
  }
}

function recordsIn(bytes: Buffer | undefined, wasMade: boolean): readonly JournalRecord[] {
  if (bytes === undefined) return wasMade ? [{ kind: 'everything', why: 'missing' }] : []
  const scan = scanJournal(bytes)
  return scan.state === 'damaged' ? [{ kind: 'everything', why: 'damaged' }] : scan.records
}

async function make(path: string, folder: string, id: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(id)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(folder)
}
