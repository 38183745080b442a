import type { Chance } from '../../src/base/chance.ts'

/** Chance that a seed repeats (mulberry32). */
export class SeededChance implements Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  bytes(size: number): Buffer {
    return Buffer.from(Array.from({ length: size }, () => Math.floor(this.uniform() * 256)))
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + this.uniform() * (to - from)
  }

  /** True with the given probability. */
  happens(probability: number): boolean {
    return this.uniform() < probability
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.uniform() * choices.length)]
    if (choice === undefined) throw new RangeError('nothing to pick from')
    return choice
  }
}
