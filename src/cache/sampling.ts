import type { Chance } from '../base/chance.ts'

/** Takes a share of what passes, each alike; what is passed over costs one subtraction, since chance draws the gaps between. */
export class Sampling {
  readonly #share: number
  readonly #chance: Chance
  #left: number

  /** `share`: 0 to 1. */
  constructor(share: number, chance: Chance) {
    this.#share = share
    this.#chance = chance
    this.#left = this.#gap()
  }

  takes(): boolean {
    this.#left -= 1
    if (this.#left > 0) return false
    this.#left = this.#gap()
    return true
  }

  /** How many pass up to the next that is taken, itself included: geometrically distributed. */
  #gap(): number {
    if (this.#share === 0) return Number.POSITIVE_INFINITY
    return 1 + Math.floor(Math.log(1 - this.#chance.uniform()) / Math.log(1 - this.#share))
  }
}
