import type { NearView } from './near-cache.ts'
import {
  AS_OF,
  DOUBLES,
  FRESH_UNTIL,
  LOADED_AT,
  MARKS,
  NEGATIVE,
  READ,
  TAGGED,
  VALUE_BYTES,
  VERSION,
} from './record.ts'
import type { Residents } from './residents.ts'

/** One view for all entries of a cache, laid over one after the other. */
export class ResidentView implements NearView {
  readonly #residents: Residents
  readonly #onHit: () => void
  #ref = 0

  constructor(residents: Residents, onHit: () => void) {
    this.#residents = residents
    this.#onHit = onHit
  }

  over(ref: number): this {
    this.#ref = ref
    return this
  }

  get kind(): NearView['kind'] {
    return (this.#residents.records.int(this.#ref, MARKS) & NEGATIVE) === 0 ? 'value' : 'negative'
  }

  get tagged(): boolean {
    return (this.#residents.records.int(this.#ref, MARKS) & TAGGED) !== 0
  }

  get version(): number {
    return this.#double(VERSION)
  }

  get asOf(): number {
    const asOf = this.#double(AS_OF)
    const proof = this.#residents.proofOf(this.#ref)
    return proof === undefined ? asOf : Math.max(asOf, proof.provenAt)
  }

  get loadedAt(): number {
    return this.#double(LOADED_AT)
  }

  get freshUntil(): number {
    return this.#double(FRESH_UNTIL)
  }

  get bytes(): number {
    return this.#residents.records.int(this.#ref, VALUE_BYTES)
  }

  copyTo(target: Buffer, at: number): void {
    this.#residents.records.copyValue(this.#ref, target, at)
  }

  hit(): void {
    const { records } = this.#residents
    records.setInt(this.#ref, MARKS, records.int(this.#ref, MARKS) | READ)
    this.#residents.hit(this.#ref)
    this.#onHit()
  }

  #double(field: number): number {
    return this.#residents.records.arena.doubles[this.#ref * DOUBLES + field]!
  }
}
