/** Most bytes of a key in UTF-8. */
export const KEY_LIMIT_BYTES = 1024

/**
 * Printable ASCII without the three characters that are encoded, within the limit: keys that need no further look. All
 * but a few are such keys, and one test decides it.
 */
export const PLAIN_KEY = /^[ -$&-z|~]{1,1024}$/

const PLAIN = Uint8Array.from({ length: 256 }, (_, code) => (PLAIN_KEY.test(String.fromCharCode(code)) ? 1 : 0))

/** Whether a key that is still bytes is such a key. */
export function isPlainKey(bytes: Buffer, start: number, end: number): boolean {
  if (end === start || end - start > KEY_LIMIT_BYTES) return false
  for (let at = start; at < end; at += 1) if (PLAIN[bytes[at] as number] === 0) return false
  return true
}

// Controls (C0, DEL, C1), lone surrogates, line and paragraph separators, and U+FFFD, which stands where bytes were not
// UTF-8: two different broken keys would read as the same.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFD]/u

/** What is wrong with a key, as the end of a sentence; `undefined` if nothing is. */
export function keyFlaw(key: string): string | undefined {
  return textFlaw(key, 'key', KEY_LIMIT_BYTES)
}

/** The same for another name that a request may give, called `what`. */
export function textFlaw(text: string, what: string, limitBytes: number): string | undefined {
  if (text === '') return `is empty; a ${what} has 1 to ${limitBytes} bytes`
  const bytes = Buffer.byteLength(text)
  if (bytes > limitBytes) return `has ${bytes} bytes; a ${what} has at most ${limitBytes}`
  const unprintable = UNPRINTABLE.exec(text)?.[0]
  if (unprintable === undefined) return undefined
  const codePoint = (unprintable.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `holds U+${codePoint}; a ${what} has printable characters only`
}
