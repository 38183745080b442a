import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RingsideError } from '../../base/errors.ts'
import { Journal, type JournalOptions } from './journal.ts'
import { JournalFile, readIfThere, syncFolder } from './journal-file.ts'
import { type JournalRecord, scanJournal } from './journal-record.ts'

export interface OpenJournalOptions extends JournalOptions {
  /** A folder of this sidecar's own. */
  readonly folder: string
  readonly shard: string
}

/**
 * Opens the journal of one shard, `<shard>.journal`. A record that was torn by the end of the process is cut off: nobody
 * was told that it is there. Where anything else is wrong with the file, or it is gone though `<shard>.made` says that
 * there was one, everything has to be invalidated. Rejects with `CONFIG_INVALID` when the folder cannot be used.
 */
export async function openJournal({ folder, shard, maxBytes }: OpenJournalOptions): Promise<Journal> {
  const path = join(folder, `${shard}.journal`)
  const marker = join(folder, `${shard}.made`)
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (made !== undefined) await syncFolder(dirname(made))
    const wasMade = (await readIfThere(marker)) !== undefined
    const journal = new Journal({ maxBytes }, new JournalFile(path), recordsIn(await readIfThere(path), wasMade))
    await journal.renew()
    if (!wasMade) await make(marker, folder)
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

async function make(path: string, folder: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(folder)
}
