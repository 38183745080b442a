// DER (ITU-T X.690), written as far as certificates need it. Reading it is left to Node.js.

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** One element: its tag, the length of its content, the content. */
function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) bytes.unshift(rest % 0x100)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

export const sequence = (...parts: readonly Buffer[]): Buffer => element(TAGS.sequence, Buffer.concat(parts))

export const set = (...parts: readonly Buffer[]): Buffer => element(TAGS.set, Buffer.concat(parts))

export const octets = (content: Buffer): Buffer => element(TAGS.octetString, content)

export const utf8 = (text: string): Buffer => element(TAGS.utf8, Buffer.from(text, 'utf8'))

export const boolean = (value: boolean): Buffer => element(TAGS.boolean, Buffer.from([value ? 0xff : 0x00]))

/** A whole number that is not negative, its most significant byte first. */
export function integer(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const shortest = bytes.subarray(start)
  // A leading bit that is set would make it negative.
  const isSigned = ((shortest[0] ?? 0) & 0x80) !== 0
  return element(TAGS.integer, isSigned ? Buffer.concat([Buffer.from([0]), shortest]) : shortest)
}

/** The last `unused` bits do not count. */
export function bits(content: Buffer, unused = 0): Buffer {
  return element(TAGS.bitString, Buffer.concat([Buffer.from([unused]), content]))
}

/** An object identifier, written as `1.2.840.10045.4.3.2`. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return element(TAGS.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(number: number): number[] {
  const bytes = [number & 0x7f]
  for (let rest = number >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

/** A moment in whole seconds; the century is written from 2050 on (RFC 5280, 4.1.2.5). */
export function time(unixMs: number): Buffer {
  const digits = new Date(unixMs).toISOString().replaceAll(/[-:T]|\.\d+Z$/g, '')
  const isLate = digits >= '2050'
  return element(isLate ? TAGS.generalizedTime : TAGS.utcTime, Buffer.from(`${isLate ? digits : digits.slice(2)}Z`))
}

/** An element under a tag that its context gives meaning to: around it if it is explicit, else in place of its own. */
export function tagged(number: number, content: Buffer, isConstructed: boolean): Buffer {
  return element(0x80 | (isConstructed ? 0x20 : 0) | number, content)
}
