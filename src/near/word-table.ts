import { type Arena, GRANULE_BYTES } from './arena.ts'
import { WORDS } from './record.ts'

const LARGEST_CHUNK_ORDER = Math.log2(4_096 / GRANULE_BYTES)

/** Finds a block for a table, where need be at the cost of entries; 0 when there is none to be had. */
export type TableSpace = (order: number) => number

/** A growing array of words in chunks, so that growing never copies. A chunk is a block without its header. */
export class WordTable {
  readonly #arena: Arena
  readonly #space: TableSpace
  readonly #order: number
  readonly #chunkWords: number
  readonly #chunks: number[] = []

  constructor(arena: Arena, space: TableSpace) {
    this.#arena = arena
    this.#space = space
    this.#order = Math.min(LARGEST_CHUNK_ORDER, Math.max(1, arena.largestOrder - 3))
    this.#chunkWords = (WORDS << this.#order) - 1
  }

  get capacity(): number {
    return this.#chunks.length * this.#chunkWords
  }

  at(index: number): number {
    return this.#arena.ints[this.#word(index)]!
  }

  set(index: number, value: number): void {
    this.#arena.ints[this.#word(index)] = value
  }

  /** Makes room for so many words; false when there is no space. What is new holds anything. */
  reserve(words: number): boolean {
    while (this.capacity < words) {
      const chunk = this.#space(this.#order)
      if (chunk === 0) return false
      this.#chunks.push(chunk)
    }
    return true
  }

  /** Gives back what isn't needed for so many words, less one chunk, so that a size near its edge costs nothing. */
  trim(words: number): void {
    while (this.capacity - 2 * this.#chunkWords >= words) this.#arena.freeTable(this.#chunks.pop()!)
  }

  #word(index: number): number {
    const chunk = Math.trunc(index / this.#chunkWords)
    return this.#chunks[chunk]! * WORDS + 1 + index - chunk * this.#chunkWords
  }
}
