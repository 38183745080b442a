import { HpackError } from './hpack-error.ts'
import { CODE_BITS, CODES, EOS } from './huffman-code.ts'

const NIBBLES = 16
const LONGEST_PADDING = 7
const EMITS = 0x100
const FAILS = 0x200
const NEXT = 16

/**
 * What four bits do: `STEPS[state * 16 + bits]` is the next state, left by `NEXT`, with the symbol they complete in the low
 * byte where `EMITS` is set. A state is an inner node of the code's tree, 0 its root. The shortest code has 5 bits, so four
 * complete one symbol at most; 16 KiB stay in the processor's first cache. `PADS[state]`: 1 where a string may end, that is
 * after at most 7 bits of a code, all of them ones.
 */
const { steps: STEPS, pads: PADS } = steps()

/** Decodes into `out`, which has room for `huffmanBound` bytes, and returns how many there are. (RFC 7541, 5.2) */
export function decodeHuffman(bytes: Buffer, start: number, end: number, out: Buffer): number {
  let state = 0
  let length = 0
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!
    const high = STEPS[(state << 4) | (byte >>> 4)]!
    if (high & EMITS) {
      out[length] = high
      length += 1
    }
    const low = STEPS[((high >>> NEXT) << 4) | (byte & 0xf)]!
    if (low & EMITS) {
      out[length] = low
      length += 1
    }
    if ((high | low) & FAILS) throw new HpackError('a Huffman-coded string contains EOS')
    state = low >>> NEXT
  }
  if (PADS[state] === 0) throw new HpackError('a Huffman-coded string ends with padding that is not up to 7 ones')
  return length
}

/** The most octets that so many coded bytes can hold: the shortest code has 5 bits. */
export function huffmanBound(bytes: number): number {
  return Math.trunc((bytes * 8) / 5)
}

/** The bytes that `encodeHuffman` takes. */
export function huffmanLength(text: string): number {
  let bits = 0
  for (let at = 0; at < text.length; at += 1) bits += CODE_BITS[text.charCodeAt(at) & 0xff]!
  return Math.ceil(bits / 8)
}

/** Writes the code of a latin1 string, padded with ones, and returns the position after it. (RFC 7541, 5.2) */
export function encodeHuffman(text: string, out: Buffer, at: number): number {
  let next = at
  let pending = 0
  let held = 0
  for (let from = 0; from < text.length; from += 1) {
    const symbol = text.charCodeAt(from) & 0xff
    let bits = CODE_BITS[symbol]!
    let code = CODES[symbol]!
    // Up to 7 bits are held, so that a code of up to 30 needs two turns in 32.
    if (bits > 24) {
      bits -= 8
      next = flush(out, next, (pending << bits) | (code >>> 8), held + bits)
      held = (held + bits) & 7
      pending = (code >>> 8) & ((1 << held) - 1)
      bits = 8
      code &= 0xff
    }
    pending = (pending << bits) | code
    held += bits
    next = flush(out, next, pending, held)
    held &= 7
    pending &= (1 << held) - 1
  }
  if (held === 0) return next
  out[next] = (pending << (8 - held)) | (0xff >>> held)
  return next + 1
}

/** Writes the whole bytes among the low `held` bits, the oldest first. */
function flush(out: Buffer, at: number, pending: number, held: number): number {
  let next = at
  for (let left = held - 8; left >= 0; left -= 8) {
    out[next] = pending >>> left
    next += 1
  }
  return next
}

/** The tree as pairs of children: an inner node's number, or the complement of a leaf's symbol. */
function tree(): number[] {
  const children = [0, 0]
  for (let symbol = 0; symbol <= EOS; symbol += 1) {
    let node = 0
    for (let left = CODE_BITS[symbol]! - 1; left >= 0; left -= 1) {
      const slot = 2 * node + ((CODES[symbol]! >>> left) & 1)
      if (left === 0) children[slot] = ~symbol
      else if (children[slot] === 0) {
        children[slot] = children.length / 2
        children.push(0, 0)
      }
      node = children[slot]!
    }
  }
  return children
}

function steps(): { steps: Uint32Array; pads: Uint8Array } {
  const children = tree()
  const states = children.length / 2
  const table = new Uint32Array(states * NIBBLES)
  for (let index = 0; index < table.length; index += 1) table[index] = step(children, index >>> 4, index & 0xf)
  const pads = new Uint8Array(states)
  for (let node = 0, depth = 0; depth <= LONGEST_PADDING; depth += 1) {
    pads[node] = 1
    node = children[2 * node + 1]!
  }
  return { steps: table, pads }
}

function step(children: readonly number[], state: number, bits: number): number {
  let node = state
  let done = 0
  for (let left = 3; left >= 0; left -= 1) {
    node = children[2 * node + ((bits >>> left) & 1)]!
    if (node >= 0) continue
    if (~node === EOS) return FAILS
    done = EMITS | ~node
    node = 0
  }
  return (node << NEXT) | done
}
