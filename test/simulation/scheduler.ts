/** What happens in the simulated world, in the order of its moments; ties in the order in which they were planned. */
export class Scheduler {
  #now = 0
  #planned = 0
  readonly #heap: { at: number; order: number; run: () => void }[] = []

  get now(): number {
    return this.#now
  }

  /** Returns what takes it back. */
  plan(delayMs: number, run: () => void): () => void {
    this.#planned += 1
    const event = { at: this.#now + Math.max(0, delayMs), order: this.#planned, run }
    this.#push(event)
    return () => {
      event.run = () => undefined
    }
  }

  /** Lets everything happen up to `until`; promises settle between events, as they do between turns of an event loop. */
  async run(until: number): Promise<void> {
    for (;;) {
      const next = this.#heap[0]
      if (next === undefined || next.at > until) break
      this.#pop()
      this.#now = next.at
      next.run()
      await settled()
    }
    this.#now = until
  }

  #push(event: { at: number; order: number; run: () => void }): void {
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

function isBefore(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** A macrotask, so that every promise that can settle has settled. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
