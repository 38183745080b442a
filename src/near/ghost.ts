import { type Arena, GRANULE_BYTES, HEADER_BYTES } from './arena.ts'
import type { TableSpace } from './word-table.ts'

/** A bucket's width: one line of a processor's cache holds four buckets. */
const WAYS = 8
const PLACE_BYTES = 2
/** How full a generation gets: at three places in four one key in twenty finds its bucket full. */
const FILL = 0.75
/** Into how many generations, at most, the keys to be remembered are cut. */
const GENERATIONS = 8

/** Of small blocks, as those are found in an arena that is full: 4 KiB at most. */
const LARGEST_CHUNK_ORDER = Math.log2(4_096 / GRANULE_BYTES)

interface Generation {
  /** Blocks of `2^order` granules that hold buckets of fingerprints, 0 for a free place. */
  readonly chunks: readonly number[]
  readonly order: number
  readonly buckets: number
  /** Keys it is for. */
  readonly size: number
  /** Keys it was given. */
  count: number
}

/**
 * Remembers keys that left, oldest forgotten first, as 16-bit fingerprints: three to four bytes a key. Age is counted in keys
 * remembered since, by generations: a key is remembered in the newest one, which is followed by the next when it is
 * full, and the oldest is given up as a whole when the others hold enough. A full bucket gives up one of its own early,
 * and two keys may share a fingerprint: either costs at most a wrong guess about one key.
 */
export class Ghost {
  readonly #arena: Arena
  readonly #space: TableSpace
  /** Newest first. */
  readonly #generations: Generation[] = []
  /** Those to come. */
  readonly #spares: Generation[] = []
  #remembered = 0
  #capacity = 0

  constructor(arena: Arena, space: TableSpace) {
    this.#arena = arena
    this.#space = space
  }

  /** Finds the space to remember `limit` keys, while there is any, and gives back what that doesn't need. */
  reserve(limit: number): void {
    this.#trim(limit)
    if (this.#capacity >= limit) return
    while (this.#spares.length > 0) this.#give(this.#spares.pop()!)
    // One more than the limit asks for: while the newest fills, all others together remember as many.
    for (let spare = this.#made(limit); spare !== undefined; spare = this.#made(limit)) {
      this.#spares.push(spare)
      this.#capacity += spare.size
      if (this.#capacity >= limit + spare.size) return
    }
  }

  /** Remembers the key of this hash: it is one of the last `limit` from now on. */
  remember(hash: number, limit: number): void {
    const [newest] = this.#generations
    const generation = newest !== undefined && newest.count < newest.size ? newest : this.#begin(limit)
    if (generation === undefined) return
    const { shorts } = this.#arena
    const fingerprint = fingerprintOf(hash)
    const start = this.#bucketIn(generation, hash)
    let place = start
    while (place < start + WAYS && shorts[place] !== 0 && shorts[place] !== fingerprint) place += 1
    shorts[place < start + WAYS ? place : start + (generation.count % WAYS)] = fingerprint
    generation.count += 1
    this.#remembered += 1
  }

  /** How many keys, at least, were remembered after this one; `Infinity` for a key that isn't known. */
  age(hash: number): number {
    const { shorts } = this.#arena
    const fingerprint = fingerprintOf(hash)
    let since = 0
    for (const generation of this.#generations) {
      const start = this.#bucketIn(generation, hash)
      for (let place = start; place < start + WAYS; place += 1) if (shorts[place] === fingerprint) return since
      since += generation.count
    }
    return Number.POSITIVE_INFINITY
  }

  forget(hash: number): void {
    const { shorts } = this.#arena
    const fingerprint = fingerprintOf(hash)
    for (const generation of this.#generations) {
      const start = this.#bucketIn(generation, hash)
      for (let place = start; place < start + WAYS; place += 1) if (shorts[place] === fingerprint) shorts[place] = 0
    }
  }

  #begin(limit: number): Generation | undefined {
    this.#trim(limit)
    const next = this.#spares.pop() ?? this.#recycled()
    if (next === undefined) return undefined
    for (const chunk of next.chunks) {
      const start = (chunk * GRANULE_BYTES + HEADER_BYTES) / PLACE_BYTES
      this.#arena.shorts.fill(0, start, start + bucketsOf(next.order) * WAYS)
    }
    this.#generations.unshift(next)
    return next
  }

  #recycled(): Generation | undefined {
    const oldest = this.#generations.pop()
    if (oldest === undefined) return undefined
    this.#remembered -= oldest.count
    oldest.count = 0
    return oldest
  }

  /** Gives up the oldest while the others hold enough. Its memory stays for the next, but for what is beyond that. */
  #trim(limit: number): void {
    for (let oldest = this.#generations.at(-1); oldest !== undefined; oldest = this.#generations.at(-1)) {
      if (this.#remembered - oldest.count < limit) return
      const free = this.#recycled()!
      // Two generations apart, `reserve` and this: else a limit that sways would move memory to and fro.
      if (this.#capacity - 2 * free.size < limit) this.#spares.push(free)
      else this.#give(free)
    }
  }

  #give(generation: Generation): void {
    this.#capacity -= generation.size
    for (const chunk of generation.chunks) this.#arena.freeTable(chunk)
  }

  /** A generation for its part of so many keys, or for as many as there is space for; `undefined` for none. */
  #made(limit: number): Generation | undefined {
    const wanted = Math.max(1, Math.ceil(limit / GENERATIONS / (WAYS * FILL)))
    const largest = Math.min(LARGEST_CHUNK_ORDER, this.#arena.largestOrder)
    let order = 1
    while (order < largest && bucketsOf(order) < wanted) order += 1
    const chunks: number[] = []
    while (chunks.length * bucketsOf(order) < wanted) {
      const chunk = this.#space(order)
      if (chunk === 0) break
      chunks.push(chunk)
    }
    if (chunks.length === 0) return undefined
    const buckets = chunks.length * bucketsOf(order)
    return { chunks, order, buckets, size: buckets * WAYS * FILL, count: 0 }
  }

  /** The first place of the key's bucket. */
  #bucketIn({ chunks, order, buckets }: Generation, hash: number): number {
    // Mixed again, as the fingerprint is the upper half of the hash.
    const bucket = Math.floor(((Math.imul(hash, 0x9e3779b1) >>> 0) * buckets) / 2 ** 32)
    const inChunk = bucketsOf(order)
    const chunk = Math.floor(bucket / inChunk)
    return (chunks[chunk]! * GRANULE_BYTES + HEADER_BYTES) / PLACE_BYTES + (bucket - chunk * inChunk) * WAYS
  }
}

const bucketsOf = (order: number): number =>
  Math.floor(((GRANULE_BYTES << order) - HEADER_BYTES) / (WAYS * PLACE_BYTES))

const fingerprintOf = (hash: number): number => hash >>> 16 || 1
