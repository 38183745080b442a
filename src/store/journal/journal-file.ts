import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Where a journal's bytes are kept: what resolves has reached the disk. */
export interface JournalStorage {
  append(bytes: Buffer): Promise<void>
  /** All or nothing, whenever the process or the machine ends. */
  replace(bytes: Buffer): Promise<void>
  close(): Promise<void>
}

/**
 * A file that is appended to, and replaced as a whole by renaming another over it. Nothing is acknowledged before
 * `fdatasync`, and after a rename before the folder is synced too.
 */
export class JournalFile implements JournalStorage {
  readonly #path: string
  #file: FileHandle | undefined
  #end = 0

  constructor(path: string) {
    this.#path = path
  }

  async append(bytes: Buffer): Promise<void> {
    const file = this.#file
    if (file === undefined) throw new Error('the journal has no file yet')
    await writeAll(file, bytes, this.#end)
    this.#end += bytes.length
  }

  async replace(bytes: Buffer): Promise<void> {
    const fresh = `${this.#path}.new`
    const file = await open(fresh, 'w', 0o600)
    try {
      await writeAll(file, bytes, 0)
      await rename(fresh, this.#path)
      await syncFolder(dirname(this.#path))
    } catch (error) {
      await file.close()
      throw error
    }
    await this.#file?.close()
    this.#file = file
    this.#end = bytes.length
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, from: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, from + done)).bytesWritten
  }
  await file.datasync()
}

/** Makes names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** `undefined` when there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
