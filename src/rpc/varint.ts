const HALF = 2 ** 32

/** Writes a whole number from 0 to 2^53 - 1 as a varint of protobuf; returns the position behind it. */
export function writeVarint(out: Buffer, from: number, value: number): number {
  let at = from
  let low = value >>> 0
  let high = (value - low) / HALF
  while (high > 0) {
    out[at++] = (low & 0x7f) | 0x80
    low = ((low >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  while (low > 0x7f) {
    out[at++] = (low & 0x7f) | 0x80
    low >>>= 7
  }
  out[at++] = low
  return at
}
