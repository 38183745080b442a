import { z } from 'zod'
import type { Clock, Timer } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ApiClient } from '../../kube/api-client.ts'

/** Until it is known. */
const ASK_AGAIN_MS = 2_000

/** Afterwards: a cluster is upgraded without anyone restarting the injector. */
const LOOK_AGAIN_MS = 600_000

// Some vendors write `29+`.
const version = z.looseObject({ major: z.literal('1'), minor: z.string().regex(/^\d{1,4}\+?$/) })

export interface ServerVersionParts {
  readonly clock: Clock
  readonly log: Log
}

/** Which Kubernetes the API server is. */
export class ServerVersion {
  readonly #api: ApiClient
  readonly #parts: ServerVersionParts
  #minor: number | undefined
  #timer: Timer | undefined
  #closed = false

  constructor(api: ApiClient, parts: ServerVersionParts) {
    this.#api = api
    this.#parts = parts
  }

  /** Of Kubernetes 1; `undefined` until it is known. */
  get minor(): number | undefined {
    return this.#minor
  }

  start(): void {
    void this.#ask()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  async #ask(): Promise<void> {
    const { clock, log } = this.#parts
    const { status, body, why } = await this.#api.get('/version')
    if (this.#closed) return
    const read = version.safeParse(body)
    if (status !== 200 || !read.success) {
      log.warn({ why }, 'the API server does not tell its version')
    } else {
      const minor = Number.parseInt(read.data.minor, 10)
      if (minor !== this.#minor) log.info({ kubernetes: `1.${minor}` }, 'the API server has told its version')
      this.#minor = minor
    }
    this.#timer = clock.after(this.#minor === undefined ? ASK_AGAIN_MS : LOOK_AGAIN_MS, () => void this.#ask())
  }
}
