import type { Chance } from '../base/chance.ts'

/** Counters in a row, a power of two; there are two rows. */
const WIDTH = 8_192
const ROW_BITS = 13
const WORDS = 2

/** The larger a count, the less a stranger takes from it: one in 1.08^count. */
const CHANCES = Float64Array.from({ length: 256 }, (_, count) => 1.08 ** -count)

/**
 * Counts how often keys come, in a fixed space: two rows of counters, in each of which a key has one place. A place
 * counts for one key, whose hash stands there; whoever else comes by takes one away, with a chance that falls
 * exponentially with the count, and moves in when nothing is left. So those that come often stay, and what passes by once
 * wears itself out.
 *
 * HeavyKeeper (Gong et al.: "HeavyKeeper: an accurate algorithm for finding top-k elephant flows", USENIX ATC 2018), with
 * the whole hash of a key as its fingerprint, and with counts that age.
 */
export class HeavyKeeper {
  readonly #chance: Chance
  /** A place is two words, side by side, for one line of a processor's cache: a hash and its count. */
  readonly #hashes: Int32Array
  readonly #counts: Float32Array

  constructor(chance: Chance) {
    this.#chance = chance
    const places = new ArrayBuffer(2 * WIDTH * WORDS * 4)
    this.#hashes = new Int32Array(places)
    this.#counts = new Float32Array(places)
  }

  /** Counts the key of this hash once. How often it has come, aged: rarely less than that, and never more. */
  add(hash: number): number {
    const first = this.#addAt(firstPlace(hash), hash)
    return Math.max(first, this.#addAt(secondPlace(hash), hash))
  }

  /** As if the key had come `count` times. */
  put(hash: number, count: number): void {
    this.#putAt(firstPlace(hash), hash, count)
    this.#putAt(secondPlace(hash), hash, count)
  }

  /** Leaves the key's places to others. How often it had come. */
  take(hash: number): number {
    const first = this.#takeAt(firstPlace(hash), hash)
    return Math.max(first, this.#takeAt(secondPlace(hash), hash))
  }

  /** `kept`: the share of each count that stays, 0 to 1. */
  age(kept: number): void {
    const counts = this.#counts
    for (let at = 1; at < counts.length; at += WORDS) counts[at] = counts[at]! * kept
  }

  #addAt(place: number, hash: number): number {
    const count = this.#counts[place + 1]!
    if (this.#hashes[place] === hash) return this.#set(place, count + 1)
    // An empty place is nobody's; beyond the table a chance is as good as none.
    if (count >= CHANCES.length) return 0
    if (count > 0 && this.#chance.uniform() >= CHANCES[Math.floor(count)]!) return 0
    if (count > 1) {
      this.#set(place, count - 1)
      return 0
    }
    this.#hashes[place] = hash
    return this.#set(place, 1)
  }

  #putAt(place: number, hash: number, count: number): void {
    if (this.#counts[place + 1]! >= count) return
    this.#hashes[place] = hash
    this.#set(place, count)
  }

  #takeAt(place: number, hash: number): number {
    if (this.#hashes[place] !== hash) return 0
    const count = this.#counts[place + 1]!
    this.#set(place, 0)
    return count
  }

  #set(place: number, count: number): number {
    this.#counts[place + 1] = count
    return count
  }
}

function firstPlace(hash: number): number {
  return (hash & (WIDTH - 1)) * WORDS
}

function secondPlace(hash: number): number {
  return (WIDTH + ((hash >>> ROW_BITS) & (WIDTH - 1))) * WORDS
}
