/** Of one connection; what is older than that has long been heard of by the peer. */
const MOST = 1_000

/** Streams that we gave up: what of them is still under way to us is ignored (RFC 9113, section 5.1, closed). */
export class GivenUp {
  readonly #streams = new Set<number>()

  has(stream: number): boolean {
    return this.#streams.has(stream)
  }

  add(stream: number): void {
    this.#streams.add(stream)
    if (this.#streams.size <= MOST) return
    const [oldest] = this.#streams
    if (oldest !== undefined) this.#streams.delete(oldest)
  }
}
