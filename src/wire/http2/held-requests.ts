import type { Block } from './header-blocks.ts'

/** A connection that has been idle since keeps no room for more. */
const MOST_KEPT = 32

/** A request whose headers have come, and whose end has not. */
export interface HeldRequest {
  readonly id: number
  readonly block: Block
  /** By how much the peer has raised its window for the answer, in bytes. */
  raised: number
  /** What has come of its body. */
  body: Buffer | undefined
}

/**
 * Requests whose headers have come with what is being read now, and whose bodies have not, in their order: most bodies
 * come in the same order right behind, so the one that is asked for is mostly the first.
 */
export class HeldRequests {
  #requests: HeldRequest[] = []
  /** The places of those that are held are `#first` up to `#end`; the array is used again and again. */
  #first = 0
  #end = 0

  get size(): number {
    return this.#end - this.#first
  }

  get first(): number | undefined {
    return this.size === 0 ? undefined : this.#requests[this.#first]?.id
  }

  add(id: number, block: Block): void {
    this.#requests[this.#end] = { id, block, raised: 0, body: undefined }
    this.#end += 1
  }

  get(id: number): HeldRequest | undefined {
    const at = this.#indexOf(id)
    return at < 0 ? undefined : this.#requests[at]
  }

  delete(id: number): void {
    const at = this.#indexOf(id)
    if (at < 0) return
    if (at === this.#first) this.#first += 1
    else {
      this.#requests.copyWithin(at, at + 1, this.#end)
      this.#end -= 1
    }
    if (this.#first < this.#end) return
    this.#first = 0
    this.#end = 0
    if (this.#requests.length > MOST_KEPT) this.#requests = []
  }

  #indexOf(id: number): number {
    for (let at = this.#first; at < this.#end; at += 1) if (this.#requests[at]?.id === id) return at
    return -1
  }
}
