/** Of those that go, every so many-th is the oldest: heat alone would let the coldest wait for ever. */
const TURN_OF_AGE = 4

/**
 * Who goes first among those who wait: the hottest, and among equals the one that has been so for longest. Heat counts
 * by powers of two, so that every step takes the same short time however many wait.
 */
export class HeatOrder<Item> {
  /** Insertion order is age. */
  readonly #classes = new Map<Item, number>()
  readonly #byClass: Set<Item>[] = []
  /** In the order of arrival, with some that are gone. */
  #arrivals: Item[] = []
  #turn = 0

  get size(): number {
    return this.#classes.size
  }

  /** `heat`: at least 1. An item that is here already is only moved, up or down. */
  put(item: Item, heat: number): void {
    const before = this.#classes.get(item)
    const now = Math.floor(Math.log2(heat))
    if (before === now) return
    if (before === undefined) this.#arrivals.push(item)
    else this.#byClass[before]?.delete(item)
    this.#classes.set(item, now)
    this.#classAt(now).add(item)
  }

  delete(item: Item): void {
    const heatClass = this.#classes.get(item)
    if (heatClass === undefined) return
    this.#classes.delete(item)
    this.#byClass[heatClass]?.delete(item)
    if (this.#arrivals.length > 2 * this.size + 16) this.#arrivals = [...this.#classes.keys()]
  }

  /** Whose turn it is; it stays until it is deleted. */
  next(): Item | undefined {
    this.#turn += 1
    if (this.#turn % TURN_OF_AGE === 0) return first(this.#classes.keys())
    for (let at = this.#byClass.length - 1; at >= 0; at -= 1) {
      const items = this.#byClass[at]
      if (items !== undefined && items.size > 0) return first(items)
    }
    return undefined
  }

  newest(): Item | undefined {
    for (;;) {
      const item = this.#arrivals.at(-1)
      if (item === undefined || this.#classes.has(item)) return item
      this.#arrivals.pop()
    }
  }

  #classAt(heatClass: number): Set<Item> {
    while (this.#byClass.length <= heatClass) this.#byClass.push(new Set())
    return this.#byClass[heatClass] as Set<Item>
  }
}

function first<Item>(items: Iterable<Item>): Item | undefined {
  for (const item of items) return item
  return undefined
}
