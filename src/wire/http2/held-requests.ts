import type { Block } from './header-blocks.ts'

/** An idle connection keeps no room for more. */
const MOST_KEPT = 32

/**
 * Requests whose headers have come with what is being read now, and whose bodies have not, in their order: most bodies
 * come in the same order right behind, so the one that is asked for is mostly the first.
 */
export class HeldRequests {
  #ids: number[] = []
  #blocks: Block[] = []
  /** The places of those that are held are `#first` up to `#end`; the arrays are used again and again. */
  #first = 0
  #end = 0

  get size(): number {
    return this.#end - this.#first
  }

  get first(): number | undefined {
    return this.size === 0 ? undefined : this.#ids[this.#first]
  }

  add(id: number, block: Block): void {
    this.#ids[this.#end] = id
    this.#blocks[this.#end] = block
    this.#end += 1
  }

  get(id: number): Block | undefined {
    const at = this.#indexOf(id)
    return at < 0 ? undefined : this.#blocks[at]
  }

  delete(id: number): void {
    const at = this.#indexOf(id)
    if (at < 0) return
    if (at === this.#first) this.#first += 1
    else {
      this.#ids.copyWithin(at, at + 1, this.#end)
      this.#blocks.copyWithin(at, at + 1, this.#end)
      this.#end -= 1
    }
    if (this.#first < this.#end) return
    this.#first = 0
    this.#end = 0
    if (this.#ids.length <= MOST_KEPT) return
    this.#ids = []
    this.#blocks = []
  }

  #indexOf(id: number): number {
    for (let at = this.#first; at < this.#end; at += 1) if (this.#ids[at] === id) return at
    return -1
  }
}
