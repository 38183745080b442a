import { Ring, type RingNode } from './ring.ts'

/** Rings that are remembered; each takes some milliseconds to make, and some hundred KB. */
const REMEMBERED = 32

/** Rings by what they are called, each made once. */
export class Rings {
  readonly #byText = new Map<string, Ring | undefined>()

  /** Throws what `Ring` throws. */
  of(nodes: readonly RingNode[]): Ring {
    const ring = new Ring(nodes)
    const known = this.#byText.get(ring.toString())
    if (known !== undefined) return known
    this.#remember(ring.toString(), ring)
    return ring
  }

  /** `undefined` for a text that makes no sense. */
  parse(text: string): Ring | undefined {
    if (!this.#byText.has(text)) this.#remember(text, Ring.parse(text))
    return this.#byText.get(text)
  }

  #remember(text: string, ring: Ring | undefined): void {
    this.#byText.set(text, ring)
    for (const oldest of this.#byText.keys()) {
      if (this.#byText.size <= REMEMBERED) break
      this.#byText.delete(oldest)
    }
  }
}
