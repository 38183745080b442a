import type { Clock } from '../base/clock.ts'

export interface BatcherOptions<Item, Result> {
  readonly clock: Clock
  /** Most items in one run, at least 1; what is over goes into further runs of the same tick. */
  readonly maxSize: number
  /** Answers every item, in order. A rejection rejects them all. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>
}

interface Seat<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** Joins the calls of one tick of the event loop into as few runs as the size allows. */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>
  #seats: Seat<Item, Result>[] = []

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#seats.push({ item, resolve, reject })
      if (this.#seats.length === 1) this.#options.clock.soon(() => this.#depart())
    })
  }

  #depart(): void {
    const seats = this.#seats
    this.#seats = []
    for (let from = 0; from < seats.length; from += this.#options.maxSize) {
      void this.#run(seats.slice(from, from + this.#options.maxSize))
    }
  }

  async #run(seats: readonly Seat<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(seats.map((seat) => seat.item))
      if (results.length !== seats.length) throw new Error(`${results.length} results for ${seats.length} items`)
      for (const [index, seat] of seats.entries()) seat.resolve(results[index] as Result)
    } catch (error) {
      for (const seat of seats) seat.reject(error)
    }
  }
}
