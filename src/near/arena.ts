/** The least piece of memory that is given out. A *ref* is the number of a piece's first granule; 0 is none. */
export const GRANULE_BYTES = 32
const WORDS = GRANULE_BYTES / 4
const LARGEST_BLOCK_BYTES = 1 << 20
/** A cache of less than 16 MiB has smaller largest blocks: what is given out untouched is counted as used. */
const LARGEST_BLOCKS = 16
const MOST_GRANULES = 2 ** 26

const ORDER = 0xf
const FREE = 0x10
const HEAD = 0x20
const NEXT_SHIFT = 6

/** What a block's header takes of it. */
export const HEADER_BYTES = 4

/**
 * One buffer of fixed length, from which blocks of 32 · 2^order bytes are given out by the buddy method: a block is split
 * into two halves where a smaller one is wanted, and joins its other half, its buddy, when both are free. (Knuth, TAOCP 1,
 * section 2.5.) The memory is lazily the process's: what was never given out is untouched and not resident.
 *
 * Each block begins with a header of one word: order, flags, and a link. Blocks linked in a ring are a *chain*, in which
 * exactly one block is the head; a block that links nowhere is a *table* and never moves. A free block is linked into
 * the list of its order, and its second word links back.
 */
export class Arena {
  readonly ints: Int32Array
  readonly doubles: Float64Array
  readonly shorts: Uint16Array
  readonly bytes: Buffer
  readonly largestOrder: number
  readonly granules: number
  readonly #free: Int32Array
  #freeGranules = 0
  #tableGranules = 0
  /** Granules from here on have never been given out. */
  #frontier = 1

  constructor(maxBytes: number) {
    this.granules = Math.min(MOST_GRANULES, Math.floor(maxBytes / GRANULE_BYTES))
    const buffer = new ArrayBuffer(this.granules * GRANULE_BYTES)
    this.ints = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.shorts = new Uint16Array(buffer)
    this.bytes = Buffer.from(buffer)
    const largest = Math.min(LARGEST_BLOCK_BYTES, maxBytes / LARGEST_BLOCKS) / GRANULE_BYTES
    this.largestOrder = Math.max(2, Math.floor(Math.log2(largest)))
    this.#free = new Int32Array(this.largestOrder + 1)
  }

  /** What has ever been given out, free again or not: the memory of the process that the arena takes. */
  get touchedBytes(): number {
    return this.#frontier === 1 ? 0 : this.#frontier * GRANULE_BYTES
  }

  /** What is free now, in however small blocks. */
  get freeBytes(): number {
    return (this.#freeGranules + this.granules - this.#frontier) * GRANULE_BYTES
  }

  /** What would be free if there were tables only. */
  get chainableBytes(): number {
    return (this.granules - 1 - this.#tableGranules) * GRANULE_BYTES
  }

  orderOf(ref: number): number {
    return this.ints[ref * WORDS]! & ORDER
  }

  /** In a chain, the next block; from the last one, the head. */
  nextOf(ref: number): number {
    return this.ints[ref * WORDS]! >>> NEXT_SHIFT
  }

  isHead(ref: number): boolean {
    return (this.ints[ref * WORDS]! & HEAD) !== 0
  }

  /** Makes a block that was taken the head of a chain of its own. */
  startChain(ref: number): void {
    this.ints[ref * WORDS] = (ref << NEXT_SHIFT) | HEAD | this.orderOf(ref)
  }

  /** Puts a block that was taken behind the last one of a chain. */
  extendChain(last: number, ref: number): void {
    const end = this.ints[last * WORDS]!
    this.ints[ref * WORDS] = ((end >>> NEXT_SHIFT) << NEXT_SHIFT) | this.orderOf(ref)
    this.ints[last * WORDS] = (ref << NEXT_SHIFT) | (end & (HEAD | ORDER))
  }

  freeChain(head: number): void {
    let block = head
    do {
      const next = this.nextOf(block)
      this.#release(block, this.orderOf(block))
      block = next
    } while (block !== head)
  }

  /** A block of the order; 0 when there is none. */
  take(order: number): number {
    for (;;) {
      for (let from = order; from <= this.largestOrder; from += 1) {
        const ref = this.#free[from]!
        if (ref !== 0) return this.#split(ref, from, order)
      }
      if (!this.#advance()) return 0
    }
  }

  /** The largest free block of fewer than `order` and at least `least`; 0 when there is none. */
  takeBelow(order: number, least: number): number {
    for (let from = order - 1; from >= least; from -= 1) {
      const ref = this.#free[from]!
      if (ref !== 0) return this.#split(ref, from, from)
    }
    return 0
  }

  takeTable(order: number): number {
    const ref = this.take(order)
    if (ref !== 0) this.#tableGranules += 1 << order
    return ref
  }

  freeTable(ref: number): void {
    const order = this.orderOf(ref)
    this.#tableGranules -= 1 << order
    this.#release(ref, order)
  }

  /** The heads of all chains that reach into the window of the order at `start`; `undefined` where a table does. */
  occupantsOf(start: number, order: number): ReadonlySet<number> | undefined {
    const end = start + (1 << order)
    const heads = new Set<number>()
    let block = start & -(1 << this.largestOrder) || 1
    while (block < end) {
      const header = this.ints[block * WORDS]!
      const next = block + (1 << (header & ORDER))
      if (next > start && (header & FREE) === 0) {
        if (header >>> NEXT_SHIFT === 0) return undefined
        heads.add(this.#headOf(block))
      }
      block = next
    }
    return heads
  }

  #headOf(ref: number): number {
    let block = ref
    while (!this.isHead(block)) block = this.nextOf(block)
    return block
  }

  #split(ref: number, from: number, order: number): number {
    this.#unlink(ref, from)
    for (let half = from - 1; half >= order; half -= 1) this.#link(ref + (1 << half), half)
    this.ints[ref * WORDS] = order
    return ref
  }

  #release(ref: number, order: number): void {
    let at = ref
    let merged = order
    for (; merged < this.largestOrder; merged += 1) {
      const buddy = at ^ (1 << merged)
      if (buddy >= this.#frontier || (this.ints[buddy * WORDS]! & (FREE | ORDER)) !== (FREE | merged)) break
      this.#unlink(buddy, merged)
      at = Math.min(at, buddy)
    }
    this.#link(at, merged)
  }

  #link(ref: number, order: number): void {
    const first = this.#free[order]!
    this.ints[ref * WORDS] = (first << NEXT_SHIFT) | FREE | order
    this.ints[ref * WORDS + 1] = 0
    if (first !== 0) this.ints[first * WORDS + 1] = ref
    this.#free[order] = ref
    this.#freeGranules += 1 << order
  }

  #unlink(ref: number, order: number): void {
    const next = this.nextOf(ref)
    const previous = this.ints[ref * WORDS + 1]!
    if (next !== 0) this.ints[next * WORDS + 1] = previous
    if (previous === 0) this.#free[order] = next
    else this.ints[previous * WORDS] = (next << NEXT_SHIFT) | FREE | order
    this.#freeGranules -= 1 << order
  }

  /** Gives out the next untouched block, the largest that is aligned there; false when all are out. */
  #advance(): boolean {
    const at = this.#frontier
    const left = this.granules - at
    if (left <= 0) return false
    const aligned = 31 - Math.clz32(at & -at)
    const order = Math.min(this.largestOrder, aligned, 31 - Math.clz32(left))
    this.#frontier += 1 << order
    this.#link(at, order)
    return true
  }
}
