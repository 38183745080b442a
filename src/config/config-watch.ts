import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Clock, Timer } from '../base/clock.ts'

/** A change is taken once the file has looked the same twice: a file that is being written is not read halfway. */
const LOOK_EVERY_MS = 500

export interface ConfigWatchParts {
  readonly clock: Clock
  /** Called after each change, and never twice at a time. */
  readonly onChanged: () => Promise<void>
}

/**
 * Watches one file by looking at it: whatever replaces it - an editor, a rename, the symbolic links that Kubernetes swaps
 * when a ConfigMap changes - shows in what the path leads to.
 */
export class ConfigWatch {
  readonly #path: string
  readonly #parts: ConfigWatchParts
  #taken = ''
  #seen = ''
  #timer: Timer | undefined
  #closed = false

  constructor(path: string, parts: ConfigWatchParts) {
    this.#path = path
    this.#parts = parts
  }

  /** From now on: what the file holds at this moment counts as known. */
  async start(): Promise<void> {
    this.#taken = await fingerprint(this.#path)
    this.#seen = this.#taken
    this.#wait()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  #wait(): void {
    if (this.#closed) return
    this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    const before = this.#seen
    this.#seen = await fingerprint(this.#path)
    if (this.#seen === before && this.#seen !== this.#taken && !this.#closed) {
      this.#taken = this.#seen
      await this.#parts.onChanged()
    }
    this.#wait()
  }
}

/** Tells one state of the file behind a path from another; of one that is not there too. */
async function fingerprint(path: string): Promise<string> {
  const found: BigIntStats | string = await stat(path, { bigint: true }).catch(
    (error: NodeJS.ErrnoException) => error.code ?? 'unknown',
  )
  if (typeof found === 'string') return found
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':')
}
