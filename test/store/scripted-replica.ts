import type { Line, LineFailure, Server } from '../../src/store/line.ts'
import type { Operations } from '../../src/store/operations.ts'
import { UNKNOWN_FACTS } from '../../src/store/server-facts.ts'
import type { ManualClock } from '../support/manual-clock.ts'

type Stamped = Operations['stamped']['result']

/** A replica that says what the test says, when it says so. */
export class ScriptedReplica implements Server {
  answer: Stamped
  /** It can neither be reached nor asked. */
  isDown = false
  /** Answers are held back until this has resolved. */
  waitsFor: Promise<void> | undefined
  asked = 0
  dialled = 0
  /** Lines that stand. */
  open = 0
  isClosed = false
  #lose: () => void = () => undefined
  readonly #clock: ManualClock

  constructor(clock: ManualClock, answer: Stamped) {
    this.#clock = clock
    this.answer = answer
  }

  async dial(lost: (why: string) => void): Promise<Line> {
    this.dialled += 1
    if (this.isDown) throw new Error('the test says so')
    this.open += 1
    let isOpen = true
    const lose = () => {
      if (!isOpen) return
      isOpen = false
      this.open -= 1
      lost('the test says so')
    }
    this.#lose = lose
    const stamped = async (): Promise<Stamped> => {
      this.asked += 1
      if (this.isDown) throw new Error('the test says so')
      await this.waitsFor
      return this.answer
    }
    return {
      send: async <Name extends keyof Operations>() => {
        const sentAt = this.#clock.now()
        return { value: (await stamped()) as Operations[Name]['result'], sentAt, serverUs: undefined }
      },
      track: async () => undefined,
      pingChannel: async () => undefined,
      inspect: async () => UNKNOWN_FACTS,
      close: lose,
    }
  }

  /** Its line breaks. */
  lose(): void {
    this.#lose()
  }

  refusal(): undefined {}

  judge(): LineFailure {
    return { kind: 'connection', meaning: 'unanswered', retryAfterMs: undefined }
  }

  close(): void {
    this.isClosed = true
  }
}
