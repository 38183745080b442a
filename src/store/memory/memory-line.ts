import type { Clock } from '../../base/clock.ts'
import type { Line, LineFailure, Server } from '../line.ts'
import { type ServerFacts, UNKNOWN_FACTS } from '../server-facts.ts'
import type { MemoryServer } from './memory-server.ts'
import type { MemoryClient } from './memory-tracking.ts'

/** A server in one's own process, always within reach. */
export class EmbeddedServer implements Server {
  readonly #server: MemoryServer
  readonly #clock: Clock
  readonly #maxBytes: number

  constructor(server: MemoryServer, maxBytes: number, clock: Clock) {
    this.#server = server
    this.#maxBytes = maxBytes
    this.#clock = clock
  }

  async dial(lost: (why: string) => void): Promise<Line> {
    const server = this.#server
    const clock = this.#clock
    let client: MemoryClient = { changed: undefined }
    return {
      async send(name, args) {
        const sentAt = clock.now()
        return { value: server.execute(name, args, client), sentAt, serverUs: server.timeUs() }
      },
      async track(changed) {
        client = { changed }
      },
      async pingChannel() {},
      inspect: async () => this.#facts(),
      close() {
        server.forget(client)
        lost('closed')
      },
    }
  }

  refusal(): undefined {}

  judge(): LineFailure {
    return { kind: 'connection', meaning: 'unanswered', retryAfterMs: undefined }
  }

  close(): void {}

  #facts(): ServerFacts {
    const { bytes, evicted, trackedKeys } = this.#server
    return {
      ...UNKNOWN_FACTS,
      memoryBytes: bytes,
      memoryLimitBytes: this.#maxBytes,
      evictedKeys: evicted,
      trackedKeys,
    }
  }
}
