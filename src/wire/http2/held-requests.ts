import type { Block } from './header-blocks.ts'

/**
 * Requests whose headers have come with what is being read now, and whose bodies have not, in their order: most bodies
 * come in the same order right behind, so the one that is asked for is mostly the first.
 */
export class HeldRequests {
  readonly #ids: number[] = []
  readonly #blocks: Block[] = []
  #first = 0

  get size(): number {
    return this.#ids.length - this.#first
  }

  get first(): number | undefined {
    return this.#ids[this.#first]
  }

  add(id: number, block: Block): void {
    this.#ids.push(id)
    this.#blocks.push(block)
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
      this.#ids.splice(at, 1)
      this.#blocks.splice(at, 1)
    }
    if (this.#first < this.#ids.length) return
    this.#ids.length = 0
    this.#blocks.length = 0
    this.#first = 0
  }

  #indexOf(id: number): number {
    return this.#ids[this.#first] === id ? this.#first : this.#ids.indexOf(id, this.#first)
  }
}
