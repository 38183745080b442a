import type { Chance } from '../base/chance.ts'
import { KeyHash } from '../base/key-hash.ts'
import type { KeyText } from '../base/key-text.ts'
import { HeavyKeeper } from './heavy-keeper.ts'

/** One of the keys that come most often. */
export interface TopKey {
  readonly key: string
  /** How often it came, each time counting half after every half-life. */
  readonly weight: number
  /** How often it came since this was last set to 0, as far back as the key is tracked. */
  pending: number
  /** How often it comes per second, as a mean over the last seconds; below that for as long as it is new. */
  readonly perSecond: number
}

interface Tracked extends TopKey {
  readonly hash: number
  weight: number
  perSecond: number
  /** Its weight when it last aged: what is more came since. */
  agedWeight: number
}

export interface TopKeysOptions {
  /** How many keys are tracked. */
  readonly tracked: number
  readonly halfLifeMs: number
  /** Against crafted keys. */
  readonly seed: number
}

/** A newcomer is hotter than who leaves for it by this factor and this much: equals would take turns for ever. */
const LEAD_FACTOR = 1.1
const LEAD = 1

/** Over so long a rate is averaged. */
const RATE_MS = 3_000

const NONE = -1

/**
 * The keys that come most often of late. Those that are tracked are counted exactly, by name; all others by their hash in
 * a `HeavyKeeper`, until one of them comes more often than the coldest that is tracked and takes its place. So counting
 * allocates nothing but when that happens, and the sketch is left to those who need it.
 *
 * The exact counts in front of the sketch are those of Roy et al.: "Augmented Sketch", SIGMOD 2016. Keys are told apart by
 * 32 bits of hash: of eight million, one is taken for one of 512 that are tracked.
 */
export class TopKeys {
  readonly #options: TopKeysOptions
  readonly #hash: KeyHash
  readonly #sketch: HeavyKeeper
  readonly #byHash = new Map<number, Tracked>()
  readonly #slots: Tracked[] = []
  /** No tracked key weighs less. */
  #least = 0

  constructor(options: TopKeysOptions, chance: Chance) {
    this.#options = options
    this.#hash = new KeyHash(options.seed)
    this.#sketch = new HeavyKeeper(chance)
  }

  /** In no order. */
  get tracked(): readonly TopKey[] {
    return this.#slots
  }

  find(key: string): TopKey | undefined {
    return this.#byHash.get(this.#hash.of(key))
  }

  count(key: string): void {
    const hash = this.#hash.of(key)
    const slot = this.#add(hash)
    if (slot !== NONE) this.#track(slot, hash, key)
  }

  /** The same for a key in two pieces. */
  countText(key: KeyText): void {
    const hash = this.#hash.ofText(key)
    const slot = this.#add(hash)
    if (slot !== NONE) this.#track(slot, hash, key.prefix + key.bytes.toString('latin1', key.start, key.end))
  }

  /** Lets `elapsedMs` pass. */
  age(elapsedMs: number): void {
    const kept = 0.5 ** (elapsedMs / this.#options.halfLifeMs)
    const rateKept = Math.exp(-elapsedMs / RATE_MS)
    for (const tracked of this.#slots) {
      const perSecond = ((tracked.weight - tracked.agedWeight) * 1_000) / elapsedMs
      tracked.perSecond = perSecond + (tracked.perSecond - perSecond) * rateKept
      tracked.weight *= kept
      tracked.agedWeight = tracked.weight
    }
    this.#least *= kept
    this.#sketch.age(kept)
  }

  /** Where the key is to be tracked from now on; `NONE` where it is already, or is not worth it. */
  #add(hash: number): number {
    const tracked = this.#byHash.get(hash)
    if (tracked !== undefined) {
      tracked.weight += 1
      tracked.pending += 1
      return NONE
    }
    const weight = this.#sketch.add(hash)
    if (this.#slots.length < this.#options.tracked) return this.#slots.length
    return this.#leads(weight) ? this.#slotFor(weight) : NONE
  }

  #leads(weight: number): boolean {
    return weight > this.#least * LEAD_FACTOR + LEAD
  }

  #slotFor(weight: number): number {
    const slots = this.#slots
    let coldest = 0
    for (let slot = 1; slot < slots.length; slot += 1) {
      if (slots[slot]!.weight < slots[coldest]!.weight) coldest = slot
    }
    this.#least = slots[coldest]!.weight
    return this.#leads(weight) ? coldest : NONE
  }

  #track(slot: number, hash: number, key: string): void {
    const leaving = this.#slots[slot]
    if (leaving !== undefined) {
      this.#byHash.delete(leaving.hash)
      this.#sketch.put(leaving.hash, leaving.weight)
    }
    const weight = this.#sketch.take(hash)
    const tracked = { key, hash, weight, agedWeight: weight - 1, pending: 1, perSecond: 0 }
    this.#slots[slot] = tracked
    this.#byHash.set(hash, tracked)
  }
}
