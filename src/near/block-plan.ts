import { GRANULE_BYTES, HEADER_BYTES } from './arena.ts'
import { RECORD_BYTES } from './record.ts'

/** The head holds the whole record. */
export const LEAST_HEAD_ORDER = Math.log2(128 / GRANULE_BYTES)
/** Blocks that an entry is cut into, beyond those of the largest order, while there are free ones of the fitting sizes. */
export const MOST_BLOCKS = 3
/** A block that covers the rest is taken when it leaves so little of it unused: one in so many bytes. */
const TOLERATED_WASTE = 16

export const payloadOf = (order: number): number => (GRANULE_BYTES << order) - HEADER_BYTES

/** What the chain of an entry has to hold beside the headers of its blocks. */
export const payloadBytes = (keyBytes: number, valueBytes: number): number =>
  RECORD_BYTES - HEADER_BYTES + keyBytes + valueBytes

/** The order of the next block of a chain that has `bytes` left to hold and may take `blocks` more. */
export function orderFor(bytes: number, blocks: number, least: number, largest: number): number {
  const granules = Math.ceil((bytes + HEADER_BYTES) / GRANULE_BYTES)
  const covering = Math.max(least, 32 - Math.clz32(granules - 1))
  if (covering > largest) return largest
  const waste = payloadOf(covering) - bytes
  return covering === least || blocks <= 1 || waste * TOLERATED_WASTE <= bytes ? covering : covering - 1
}

/** What a chain for so many bytes takes when the fitting blocks are there, in bytes. */
export function plannedBytes(bytes: number, largest: number): number {
  let planned = 0
  let least = LEAST_HEAD_ORDER
  let blocks = MOST_BLOCKS
  for (let left = bytes; left > 0; ) {
    const order = orderFor(left, blocks, least, largest)
    planned += GRANULE_BYTES << order
    left -= payloadOf(order)
    least = 0
    if (order < largest) blocks -= 1
  }
  return planned
}
