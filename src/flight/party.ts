/** Who wants what a flight brings. */
export interface Passenger {
  /** When an answer should be there (monotonic ms); `Infinity` = whenever it comes. */
  readonly answerBy: number
  /** `caller`: under whose name it asks; empty = none. Looked up only where the flight has to wait for others. */
  readonly reader: { readonly caller: string }
}

/** How a load is expected to go: when it was sent, and how long such loads take of late, as far as that is known. */
export interface Sent {
  readonly at: number
  readonly typicalMs: number | undefined
}

/** So many callers are remembered of a party: what more of them want is hot anyway. */
const MOST_CALLERS = 8

/**
 * All who wait for one flight. They may become more while it is under way, and where it has to wait for its turn, how
 * many they are and how long they can wait decides when that comes.
 */
export class Party {
  /** How the load went out; `undefined` while it has not. */
  sent: Sent | undefined
  readonly #first: Passenger[] = []
  #size = 0
  #answerBy = Number.NEGATIVE_INFINITY
  #onJoin: (() => void) | undefined

  constructor(passenger: Passenger) {
    this.join(passenger)
  }

  get size(): number {
    return this.#size
  }

  /** When the last of them should have an answer. */
  get answerBy(): number {
    return this.#answerBy
  }

  /** The names under which they ask, each once; with the empty name where one has none. */
  callers(): ReadonlySet<string> {
    return new Set(this.#first.map(({ reader }) => reader.caller))
  }

  join(passenger: Passenger): void {
    this.#size += 1
    this.#answerBy = Math.max(this.#answerBy, passenger.answerBy)
    if (this.#first.length < MOST_CALLERS) this.#first.push(passenger)
    this.#onJoin?.()
  }

  /** Has `onJoin` run when somebody joins, in place of what ran before; `undefined` = nothing. */
  watch(onJoin: (() => void) | undefined): void {
    this.#onJoin = onJoin
  }
}
