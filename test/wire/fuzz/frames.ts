/** An HTTP/2 frame, correct or not: the length in its head is that of its payload unless another is given. */
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
  readonly length?: number
}

export const [DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, , PING, GOAWAY, WINDOW_UPDATE, CONTINUATION] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const

export const END_STREAM = 0x01
export const ACK = 0x01
export const END_HEADERS = 0x04
export const PADDED = 0x08
export const PRIORITIZED = 0x20

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const HEAD_BYTES = 9

export function bytesOf({ type, flags, stream, payload, length = payload.length }: Frame): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + payload.length)
  bytes.writeUIntBE(length & 0xffffff, 0, 3)
  bytes.writeUInt8(type & 0xff, 3)
  bytes.writeUInt8(flags & 0xff, 4)
  bytes.writeUInt32BE(stream >>> 0, 5)
  payload.copy(bytes, HEAD_BYTES)
  return bytes
}

export function settings(...pairs: readonly (readonly [number, number])[]): Frame {
  const payload = Buffer.alloc(6 * pairs.length)
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id & 0xffff, 6 * index)
    payload.writeUInt32BE(value >>> 0, 6 * index + 2)
  }
  return { type: SETTINGS, flags: 0, stream: 0, payload }
}

export function word(type: number, stream: number, value: number): Frame {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(value >>> 0)
  return { type, flags: 0, stream, payload }
}

/** A header block of literals without indexing and without Huffman coding (RFC 7541, section 6.2.2). */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]))
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([prefixed(bytes.length), bytes])
}

/** An integer with a prefix of seven bits (section 5.1). */
function prefixed(value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const octets = [127]
  let left = value - 127
  for (; left >= 128; left = Math.floor(left / 128)) octets.push((left % 128) + 128)
  return Buffer.from([...octets, left])
}

/** One gRPC message with its prefix. */
export function message(bytes: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flag)
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}
