/** Buffer's own method, which `toString('latin1')` finds by the name of the encoding at each call. */
interface Latin1Bytes {
  latin1Slice(start: number, end: number): string
}

/** The octets as a string, one character each. It is a copy, so it keeps nothing of the buffer alive. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as Latin1Bytes).latin1Slice(start, end)
}

/** Whether the octets are those of the text. */
export function isLatin1(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false
  for (let from = 0; from < text.length; from += 1) if (bytes[start + from] !== text.charCodeAt(from)) return false
  return true
}

const SHORT = 24

/** Writes one octet a character and returns the position after them. */
export function writeLatin1(out: Buffer, at: number, text: string): number {
  // A call out of JavaScript costs more than a short loop.
  if (text.length > SHORT) return at + out.write(text, at, text.length, 'latin1')
  for (let from = 0; from < text.length; from += 1) out[at + from] = text.charCodeAt(from)
  return at + text.length
}
