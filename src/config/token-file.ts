import { readFile } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { ConfigWatch } from './config-watch.ts'

export interface TokenFileParts {
  readonly clock: Clock
  readonly log: Log
}

/** A token that is the first line of a file, read at the start and whenever the file changes; without a path there is none. */
export class TokenFile {
  readonly #path: string | undefined
  readonly #log: Log
  readonly #watch: ConfigWatch | undefined
  #token: string | undefined

  constructor(path: string | undefined, { clock, log }: TokenFileParts) {
    this.#path = path
    this.#log = log
    this.#watch = path === undefined ? undefined : new ConfigWatch(path, { clock, onChanged: () => this.#read(path) })
  }

  /** `undefined` while there is none: then nothing is the right token. */
  get token(): string | undefined {
    return this.#token
  }

  /** Reads it. A file that is not there yet may come later, and is no reason not to start. */
  async start(): Promise<void> {
    if (this.#path === undefined) return
    await this.#watch?.start()
    await this.#read(this.#path)
  }

  close(): void {
    this.#watch?.close()
  }

  async #read(path: string): Promise<void> {
    const facts = { path }
    try {
      const [line = ''] = (await readFile(path, 'utf8')).split('\n', 1)
      this.#token = line.trim() === '' ? undefined : line.trim()
      if (this.#token === undefined) this.#log.error(facts, 'admin.tokenFile is empty; no token is accepted')
      else this.#log.info(facts, 'admin.tokenFile was read')
    } catch (error) {
      this.#token = undefined
      const { code } = error as NodeJS.ErrnoException
      this.#log.error({ ...facts, code }, 'admin.tokenFile cannot be read; no token is accepted')
    }
  }
}
