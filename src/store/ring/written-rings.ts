import type { Ring } from '../../ring/ring.ts'

/** The rings whose homes get the writes: those that somebody needs, and for a while those that somebody has needed. */
export class WrittenRings {
  readonly #neededAt = new Map<string, { readonly ring: Ring; readonly at: number }>()
  #all: readonly Ring[] = []
  #needed: readonly Ring[] = []

  get all(): readonly Ring[] {
    return this.#all
  }

  /** Those that somebody needs now: may read by, or is going to. */
  get needed(): readonly Ring[] {
    return this.#needed
  }

  /** These are needed now. Others stay until `isOver` for them: they have not been needed for `unneededMs`. */
  need(rings: readonly Ring[], now: number, isOver: (ring: Ring, unneededMs: number) => boolean): void {
    for (const ring of rings) this.#neededAt.set(ring.hash, { ring, at: now })
    for (const [hash, { ring, at }] of this.#neededAt) {
      if (!rings.some((one) => one.hash === hash) && isOver(ring, now - at)) this.#neededAt.delete(hash)
    }
    const kept = [...this.#neededAt.values()]
    this.#all = kept.map(({ ring }) => ring)
    this.#needed = this.#all.filter(({ hash }) => rings.some((one) => one.hash === hash))
  }
}
