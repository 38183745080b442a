import type { KeyText } from '../base/key-text.ts'
import { Arena, GRANULE_BYTES, HEADER_BYTES } from './arena.ts'
import { LEAST_HEAD_ORDER, MOST_BLOCKS, orderFor, payloadOf } from './block-plan.ts'
import type { NearEntry } from './near-cache.ts'
import {
  AS_OF,
  BONDS,
  DOUBLES,
  EXPIRES_AT,
  FOOTPRINT,
  FRESH_UNTIL,
  HASH,
  KEY_BYTES,
  LOADED_AT,
  MARKS,
  NEGATIVE,
  RECORD_BYTES,
  TAGGED,
  VALUE_BYTES,
  VERSION,
  WIDE,
  WORDS,
} from './record.ts'

/** While less than this share of the arena is free, an entry isn't cut into pieces much smaller than it asks for. */
const SCRAPS_SHARE = 1 / 32
/** Up to two halvings below the block that was asked for. */
const TOLERATED_HALVINGS = 2
/** Below this a loop is faster than a call. */
const LOOPED_BYTES = 48

const NO_BYTES = Buffer.alloc(0)

/** Where bytes are copied to. */
interface Place {
  readonly target: Buffer
  readonly at: number
  readonly bytes: number
}

/** The entries as bytes in an arena, each a chain of blocks: the record, the key, the value. */
export class Records {
  readonly arena: Arena

  constructor(maxBytes: number) {
    this.arena = new Arena(maxBytes)
  }

  int(ref: number, word: number): number {
    return this.arena.ints[ref * WORDS + word]!
  }

  setInt(ref: number, word: number, value: number): void {
    this.arena.ints[ref * WORDS + word] = value
  }

  expiresAt(ref: number): number {
    return this.arena.doubles[ref * DOUBLES + EXPIRES_AT]!
  }

  /** In bytes. */
  footprint(ref: number): number {
    return this.int(ref, FOOTPRINT) * GRANULE_BYTES
  }

  /** A chain for so many bytes; `makeRoom` frees another one, or says that there is none. 0 when that wasn't enough. */
  allocate(bytes: number, makeRoom: () => boolean): number {
    let head = 0
    let last = 0
    let left = bytes
    let blocks = MOST_BLOCKS
    let granules = 0
    while (left > 0) {
      const least = head === 0 ? LEAST_HEAD_ORDER : 0
      const block = this.#take(orderFor(left, blocks, least, this.arena.largestOrder), least)
      if (block === 0) {
        if (makeRoom()) continue
        if (head !== 0) this.arena.freeChain(head)
        return 0
      }
      if (head === 0) {
        head = block
        this.arena.startChain(block)
      } else {
        this.arena.extendChain(last, block)
      }
      last = block
      const order = this.arena.orderOf(block)
      if (order < this.arena.largestOrder) blocks -= 1
      granules += 1 << order
      left -= payloadOf(order)
    }
    this.setInt(head, FOOTPRINT, granules)
    return head
  }

  /** Fills a chain that was allocated for this key and entry; the rest of the record is the caller's. */
  write(ref: number, hash: number, key: string, entry: NearEntry): void {
    const keyBytes = keyBytesOf(key)
    const wide = keyBytes !== key.length
    const { ints, doubles } = this.arena
    const word = ref * WORDS
    ints[word + HASH] = hash
    ints[word + KEY_BYTES] = keyBytes
    ints[word + VALUE_BYTES] = entry.value.length
    ints[word + MARKS] = (entry.kind === 'negative' ? NEGATIVE : 0) | (wide ? WIDE : 0) | (entry.tagged ? TAGGED : 0)
    ints[word + BONDS] = 0
    const double = ref * DOUBLES
    doubles[double + VERSION] = entry.version
    doubles[double + AS_OF] = entry.asOf
    doubles[double + LOADED_AT] = entry.loadedAt
    doubles[double + FRESH_UNTIL] = entry.freshUntil
    doubles[double + EXPIRES_AT] = entry.expiresAt
    this.#copyIn(ref, 0, Buffer.from(key, wide ? 'utf16le' : 'latin1'))
    this.#copyIn(ref, keyBytes, entry.value)
  }

  keyIs(ref: number, key: string): boolean {
    const keyBytes = this.int(ref, KEY_BYTES)
    const wide = (this.int(ref, MARKS) & WIDE) !== 0
    if (keyBytes !== (wide ? 2 * key.length : key.length)) return false
    const whole = !wide && RECORD_BYTES + keyBytes <= GRANULE_BYTES << this.arena.orderOf(ref)
    if (!whole) return this.#keyOf(ref, keyBytes, wide) === key
    const { bytes } = this.arena
    const start = ref * GRANULE_BYTES + RECORD_BYTES
    for (let at = 0; at < keyBytes; at += 1) if (bytes[start + at] !== key.charCodeAt(at)) return false
    return true
  }

  /** The same for a key in two pieces. */
  keyIsText(ref: number, key: KeyText): boolean {
    const { prefix, bytes: rest, start: from, end } = key
    const keyBytes = this.int(ref, KEY_BYTES)
    if (keyBytes !== prefix.length + end - from || (this.int(ref, MARKS) & WIDE) !== 0) return false
    const whole = RECORD_BYTES + keyBytes <= GRANULE_BYTES << this.arena.orderOf(ref)
    if (!whole) return this.#keyOf(ref, keyBytes, false) === prefix + rest.toString('latin1', from, end)
    const { bytes } = this.arena
    const start = ref * GRANULE_BYTES + RECORD_BYTES
    for (let at = 0; at < prefix.length; at += 1) if (bytes[start + at] !== prefix.charCodeAt(at)) return false
    const shift = start + prefix.length - from
    for (let at = from; at < end; at += 1) if (bytes[shift + at] !== rest[at]) return false
    return true
  }

  /** The value, copied out. */
  value(ref: number): Buffer {
    const length = this.int(ref, VALUE_BYTES)
    if (length === 0) return NO_BYTES
    const value = Buffer.allocUnsafe(length)
    this.copyValue(ref, value, 0)
    return value
  }

  copyValue(ref: number, target: Buffer, at: number): void {
    this.#copyOut(ref, this.int(ref, KEY_BYTES), { target, at, bytes: this.int(ref, VALUE_BYTES) })
  }

  #keyOf(ref: number, keyBytes: number, wide: boolean): string {
    const key = Buffer.allocUnsafe(keyBytes)
    this.#copyOut(ref, 0, { target: key, at: 0, bytes: keyBytes })
    return key.toString(wide ? 'utf16le' : 'latin1')
  }

  #take(order: number, least: number): number {
    const fitting = this.arena.take(order)
    if (fitting !== 0) return fitting
    const scarce = this.arena.freeBytes < this.arena.granules * GRANULE_BYTES * SCRAPS_SHARE
    return this.arena.takeBelow(order, scarce ? Math.max(least, order - TOLERATED_HALVINGS) : least)
  }

  /** Copies all of `source` to the place `skip` bytes behind the record. */
  #copyIn(ref: number, skip: number, source: Buffer): void {
    const { arena } = this
    let block = ref
    let start = RECORD_BYTES
    let ahead = skip
    for (let done = 0; done < source.length; ) {
      const room = (GRANULE_BYTES << arena.orderOf(block)) - start
      const length = Math.min(room - ahead, source.length - done)
      if (length > 0) {
        copy(source, done, arena.bytes, block * GRANULE_BYTES + start + ahead, length)
        done += length
      }
      ahead = Math.max(0, ahead - room)
      start = HEADER_BYTES
      block = arena.nextOf(block)
    }
  }

  /** Copies out what begins `skip` bytes behind the record. */
  #copyOut(ref: number, skip: number, { target, at, bytes }: Place): void {
    const { arena } = this
    let block = ref
    let start = RECORD_BYTES
    let ahead = skip
    for (let done = 0; done < bytes; ) {
      const room = (GRANULE_BYTES << arena.orderOf(block)) - start
      const length = Math.min(room - ahead, bytes - done)
      if (length > 0) {
        copy(arena.bytes, block * GRANULE_BYTES + start + ahead, target, at + done, length)
        done += length
      }
      ahead = Math.max(0, ahead - room)
      start = HEADER_BYTES
      block = arena.nextOf(block)
    }
  }
}

function copy(source: Buffer, from: number, target: Buffer, to: number, length: number): void {
  if (length > LOOPED_BYTES) {
    source.copy(target, to, from, from + length)
    return
  }
  for (let at = 0; at < length; at += 1) target[to + at] = source[from + at]!
}

/** A key is kept with one byte a character, or with two when any is beyond Latin-1. */
export function keyBytesOf(key: string): number {
  for (let at = 0; at < key.length; at += 1) if (key.charCodeAt(at) > 0xff) return 2 * key.length
  return key.length
}
