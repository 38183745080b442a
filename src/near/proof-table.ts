import type { Proof } from './near-cache.ts'
import { BONDS } from './record.ts'
import type { Records } from './records.ts'

const NUMBER = 0xffff

/** Proofs by small numbers that records can keep. A proof is forgotten with the last record that refers to it. */
export class ProofTable {
  readonly #records: Records
  readonly #proofs: (Proof | undefined)[] = [undefined]
  readonly #references: number[] = [0]
  readonly #numbers = new Map<Proof, number>()
  readonly #unused: number[] = []

  constructor(records: Records) {
    this.#records = records
  }

  /** How many proofs are referred to. */
  get size(): number {
    return this.#numbers.size
  }

  of(ref: number): Proof | undefined {
    return this.#proofs[this.#records.int(ref, BONDS) & NUMBER]
  }

  /** Without a number left the record goes without: an entry that is proven less is an entry that is asked for anew. */
  join(ref: number, proof: Proof): void {
    const number = this.#numbers.get(proof) ?? this.#numbered(proof)
    if (number === 0) return
    this.#references[number]! += 1
    this.#records.setInt(ref, BONDS, this.#records.int(ref, BONDS) | number)
  }

  leave(ref: number): void {
    const number = this.#records.int(ref, BONDS) & NUMBER
    if (number === 0) return
    this.#references[number]! -= 1
    if (this.#references[number] !== 0) return
    this.#numbers.delete(this.#proofs[number]!)
    this.#proofs[number] = undefined
    this.#unused.push(number)
  }

  #numbered(proof: Proof): number {
    const number = this.#unused.pop() ?? this.#proofs.length
    if (number > NUMBER) return 0
    this.#proofs[number] = proof
    this.#references[number] = 0
    this.#numbers.set(proof, number)
    return number
  }
}
