import type { Line, LineFailure, Server } from '../../src/store/line.ts'
import { MemoryServer } from '../../src/store/memory/memory-server.ts'
import type { OperationName } from '../../src/store/operations.ts'
import { type ServerFacts, UNKNOWN_FACTS } from '../../src/store/server-facts.ts'
import type { ManualClock } from '../support/manual-clock.ts'

interface OpenedLine {
  /** What was asked on it, in order. */
  readonly asked: OperationName[]
  readonly lose: () => void
}

/** A server in process that breaks when the test says so. */
export class ScriptedServer implements Server {
  /** Every line that was dialled, in order. */
  readonly dialled: OpenedLine[] = []
  open = 0
  /** It can not be reached. */
  isDown = false
  /** When it was dialled, and asked for a heartbeat. */
  readonly dials: number[] = []
  readonly beats: number[] = []
  /** Lines are lost with their first request. */
  breaksAtFirstRequest = false
  /** What changes is not told any more, though both connections stand. */
  isMute = false
  /** Requests of these names are never answered. */
  readonly ignored = new Set<OperationName>()
  /** Requests of these names fail, though the line stands. */
  readonly failing = new Set<OperationName>()
  facts: ServerFacts = UNKNOWN_FACTS
  readonly #memory: MemoryServer
  readonly #clock: ManualClock

  /** `same`: another way to the memory behind that one. */
  constructor(clock: ManualClock, same?: ScriptedServer) {
    this.#clock = clock
    const timeUs = () => 1e15 + clock.now() * 1_000
    this.#memory = same ? same.#memory : new MemoryServer({ maxBytes: 1 << 20, timeUs, runId: 'run' })
  }

  async dial(lost: (why: string) => void): Promise<Line> {
    const server = this
    const clock = this.#clock
    this.dials.push(clock.now())
    if (this.isDown) throw new Error('the test says so')
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
    const asked: OperationName[] = []
    this.dialled.push({ asked, lose })
    return {
      async send(name, args) {
        const sentAt = clock.now()
        asked.push(name)
        if (name === 'beat') server.beats.push(sentAt)
        if (server.ignored.has(name)) await new Promise(() => undefined)
        if (server.failing.has(name)) throw new Error('no answer in time')
        if (server.breaksAtFirstRequest) lose()
        if (!isOpen) throw new Error('lost')
        const serverUs = name === 'get' ? undefined : server.#memory.timeUs()
        return { value: server.#memory.execute(name, args, client), sentAt, serverUs }
      },
      async track(changed) {
        client = { changed: (key) => (server.isMute ? undefined : changed(key)) }
      },
      async pingChannel() {},
      inspect: async () => server.facts,
      close: lose,
    }
  }

  refusal(): undefined {}

  judge(): LineFailure {
    return { kind: 'connection', meaning: 'unanswered', retryAfterMs: undefined }
  }

  close(): void {}
}
