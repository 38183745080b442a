import type { Line, LineFailure, Server } from '../../src/store/line.ts'
import { MemoryServer } from '../../src/store/memory/memory-server.ts'
import { UNKNOWN_FACTS } from '../../src/store/server-facts.ts'
import type { ManualClock } from '../support/manual-clock.ts'

interface OpenedLine {
  readonly lose: () => void
}

/** A server in process that breaks when the test says so. */
export class ScriptedServer implements Server {
  /** Every line that was dialled, in order. */
  readonly dialled: OpenedLine[] = []
  open = 0
  /** Lines are lost with their first request. */
  breaksAtFirstRequest = false
  /** What changes is not told any more, though both connections stand. */
  isMute = false
  readonly #memory: MemoryServer
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
    this.#memory = new MemoryServer({ maxBytes: 1 << 20, timeUs: () => 1e15 + clock.now() * 1_000, runId: 'run' })
  }

  async dial(lost: (why: string) => void): Promise<Line> {
    const server = this
    const clock = this.#clock
    let isOpen = true
    let client: Parameters<MemoryServer['execute']>[2] = { changed: undefined }
    const lose = () => {
      if (!isOpen) return
      isOpen = false
      server.open -= 1
      server.#memory.forget(client)
      lost('the test says so')
    }
    this.open += 1
    this.dialled.push({ lose })
    return {
      async send(name, args) {
        const sentAt = clock.now()
        if (server.breaksAtFirstRequest) lose()
        if (!isOpen) throw new Error('lost')
        return { value: server.#memory.execute(name, args, client), sentAt, serverUs: server.#memory.timeUs() }
      },
      async track(changed) {
        client = { changed: (key) => (server.isMute ? undefined : changed(key)) }
      },
      async pingChannel() {},
      inspect: async () => UNKNOWN_FACTS,
      close: lose,
    }
  }

  refusal(): undefined {}

  judge(): LineFailure {
    return { kind: 'connection', meaning: 'unanswered', retryAfterMs: undefined }
  }

  close(): void {}
}
