interface Planned {
  readonly at: number
  readonly order: number
  /** `undefined`: it was taken back. */
  run: (() => void) | undefined
}

/** Timers of the real world, such as the test's own, come to their turn once in so many events. */
const EVENTS_A_TURN = 1_000

/** What happens in the simulated world, in the order of its moments; ties in the order in which they were planned. */
export class Scheduler {
  #now = 0
  #planned = 0
  #happened = 0
  readonly #heap: Planned[] = []

  get now(): number {
    return this.#now
  }

  /** Returns what takes it back. */
  plan(delayMs: number, run: () => void): () => void {
    this.#planned += 1
    const event: Planned = { at: this.#now + Math.max(0, delayMs), order: this.#planned, run }
    this.#push(event)
    return () => {
      event.run = undefined
    }
  }

  /** Lets everything happen up to `until`; promises settle between events, as they do between turns of an event loop. */
  async run(until: number): Promise<void> {
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.at > until) break
      this.#pop()
      if (next.run === undefined) continue
      this.#now = next.at
      next.run()
      await settled()
      this.#happened += 1
      if (this.#happened % EVENTS_A_TURN === 0) await turn()
    }
    this.#now = until
  }

  #push(event: Planned): void {
    const heap = this.#heap
    let place = heap.push(event) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[place] = heap[parent]!
      place = parent
    }
    heap[place] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[place] = heap[child]!
      place = child
    }
    heap[place] = last
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Node runs its ticks when no promise can settle any more. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
