import type { Packable } from './msgpack-writer.ts'

/** More digits than every double holds. */
const MANY_DIGITS = /\d{16}/
/** A string, with the colon behind it if it is the name of a member; or a number. */
const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const WHOLE = /^-?\d{16,}$/
const MARK = '\0'
const ESCAPED_MARK = '\\u0000'

/** The value of a JSON text. Whole numbers that a double does not hold are bigints. Throws a `SyntaxError`. */
export function parseJson(text: string): Packable {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text) as Packable
  return JSON.parse(text.replace(TOKENS, marked), unmarked) as Packable
}

/** Long numbers become strings behind a mark, and strings that begin with the mark have it twice. */
function marked(token: string): string {
  if (WHOLE.test(token)) return `"${ESCAPED_MARK}${token}"`
  if (token.startsWith(`"${ESCAPED_MARK}`) && token.endsWith('"')) return `"${ESCAPED_MARK}${token.slice(1)}`
  return token
}

function unmarked(_name: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value
  if (value.startsWith(MARK + MARK)) return value.slice(1)
  const whole = BigInt(value.slice(1))
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
}
