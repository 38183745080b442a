import { RingsideError } from '../../src/base/errors.ts'
import type { SourceEvent } from '../../src/events/event.ts'
import type { EventBatch, EventSession, EventSource, Missed } from '../../src/events/event-source.ts'

/** A source whose events and faults a test decides. What was brought and not done when its session ends is brought again. */
export class ScriptedSource implements EventSource {
  readonly name = 'scripted'
  /** How many opened sessions there have been, and are. */
  opened = 0
  sessions = 0
  /** Set: another process is the consumer. */
  isTaken = false
  /** Set: it cannot be opened. */
  fault: string | undefined
  /** Set: events may have been missed, for this reason; told once. */
  missed: string | undefined
  /** Set: what is done cannot be told. */
  losesDone = false
  readonly setAside: { readonly event: SourceEvent; readonly why: string }[] = []
  readonly #waiting: SourceEvent[] = []
  #wake: () => void = () => undefined

  /** Events that are not done. */
  get waiting(): number {
    return this.#waiting.length
  }

  bring(...events: readonly SourceEvent[]): void {
    this.#waiting.push(...events)
    this.#wake()
  }

  async open(missed: Missed): Promise<EventSession | undefined> {
    if (this.fault !== undefined) throw new RingsideError('ORIGIN_UNAVAILABLE', this.fault)
    if (this.isTaken) return undefined
    const why = this.missed
    this.missed = undefined
    if (why !== undefined) await missed(why)
    this.opened += 1
    this.sessions += 1
    return {
      next: (signal) => this.#next(signal),
      close: async () => {
        this.sessions -= 1
      },
    }
  }

  warnings(): readonly string[] {
    return []
  }

  async #next(signal: AbortSignal): Promise<EventBatch | undefined> {
    while (this.#waiting.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    if (signal.aborted) return undefined
    const events = [...this.#waiting]
    return {
      events,
      ageMs: 10,
      done: async (setAside) => {
        if (this.losesDone) throw new RingsideError('ORIGIN_UNAVAILABLE', 'the connection was lost')
        for (const [index, why] of setAside) this.setAside.push({ event: events[index]!, why })
        this.#waiting.splice(0, events.length)
      },
    }
  }
}
