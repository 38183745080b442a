import type { Clock, Timer } from '../base/clock.ts'

/** What there is too much of: work that waits for the event loop, or memory. */
export type OverloadCause = 'loop' | 'memory'

export interface OverloadLimits {
  /** Lateness of the event loop that work may meet for a while; `Infinity` = any. */
  readonly loopLagMs: number
  /** Memory of the process, in bytes; `Infinity` = any. */
  readonly memoryBytes: number
}

export interface OverloadParts {
  readonly clock: Clock
  /** Memory that the process holds, in bytes. */
  readonly heldBytes: () => number
}

const SAMPLE_MS = 20
/** Memory changes slowly, and asking the system costs more than a look at the clock. */
const SAMPLES_A_MEMORY_LOOK = 10
/** A single collection of garbage, or one large message, is no overload. */
const STANDING_MS = 100
/** What was refused because of memory is taken again below this share of the limit. */
const RELIEF_SHARE = 0.95

/**
 * Watches what a process cannot hand on to anybody: its own thread and its own memory.
 *
 * Lateness counts when it has not once been below the limit for a while: a queue that empties now and then is one that
 * does its work, one that stands only adds waiting to every call. (Nichols and Jacobson: "Controlling Queue Delay", ACM
 * Queue 10(5), 2012; taken to servers by Maurer: "Fail at Scale", ACM Queue 13(8), 2015.)
 */
export class Overload {
  #limits: OverloadLimits
  readonly #parts: OverloadParts
  readonly #shed: Record<OverloadCause, number> = { loop: 0, memory: 0 }
  #timer: Timer | undefined
  #lateSince: number | undefined
  #isLate = false
  #isLarge = false
  #samples = 0

  constructor(limits: OverloadLimits, parts: OverloadParts) {
    this.#limits = limits
    this.#parts = parts
    this.#watch()
  }

  /** Goes by these limits from now on. */
  limit(limits: OverloadLimits): void {
    this.#limits = limits
    if (limits.memoryBytes === Number.POSITIVE_INFINITY) this.#isLarge = false
  }

  /** Why new work should be refused now; `undefined` when it should not. */
  get cause(): OverloadCause | undefined {
    if (this.#isLarge) return 'memory'
    return this.#isLate ? 'loop' : undefined
  }

  /** The same for work that is at the door: what is refused is counted. */
  refusal(): OverloadCause | undefined {
    const { cause } = this
    if (cause !== undefined) this.#shed[cause] += 1
    return cause
  }

  /** Calls refused, by cause. */
  stats(): Readonly<Record<OverloadCause, number>> {
    return { ...this.#shed }
  }

  close(): void {
    this.#timer?.cancel()
  }

  #watch(): void {
    const dueAt = this.#parts.clock.now() + SAMPLE_MS
    this.#timer = this.#parts.clock.after(SAMPLE_MS, () => {
      this.#noteLoop(dueAt)
      if (this.#samples % SAMPLES_A_MEMORY_LOOK === 0) this.#noteMemory()
      this.#samples += 1
      this.#watch()
    })
  }

  #noteLoop(dueAt: number): void {
    const now = this.#parts.clock.now()
    if (now - dueAt <= this.#limits.loopLagMs) {
      this.#lateSince = undefined
      this.#isLate = false
      return
    }
    this.#lateSince ??= dueAt
    this.#isLate = now - this.#lateSince >= STANDING_MS
  }

  #noteMemory(): void {
    const { memoryBytes } = this.#limits
    if (memoryBytes === Number.POSITIVE_INFINITY) return
    const bytes = this.#parts.heldBytes()
    this.#isLarge = bytes > (this.#isLarge ? RELIEF_SHARE * memoryBytes : memoryBytes)
  }
}
