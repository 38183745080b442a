/** Names and values alternating, in the order of their indices from 1. (RFC 7541, Appendix A) */
const FIELDS = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
] as const

/** The last index of the static table; the dynamic one follows. (RFC 7541, 2.3.3) */
export const LAST_STATIC = FIELDS.length

/** By index; there is no field 0. */
export const STATIC_NAMES: readonly string[] = ['', ...FIELDS.map(([name]) => name)]
export const STATIC_VALUES: readonly string[] = ['', ...FIELDS.map(([, value]) => value)]

/** The first index of the name, 0 when there is none. */
export function staticNameIndex(name: string): number {
  return FIRST_OF_NAME.get(name) ?? 0
}

/** The index of the field, given the first index of its name; 0 when there is none. Fields of one name are neighbours. */
export function staticFieldIndex(nameIndex: number, value: string): number {
  const name = STATIC_NAMES[nameIndex]
  for (let index = nameIndex; index <= LAST_STATIC && STATIC_NAMES[index] === name; index += 1) {
    if (STATIC_VALUES[index] === value) return index
  }
  return 0
}

const FIRST_OF_NAME: ReadonlyMap<string, number> = new Map(
  FIELDS.map(([name], at): [string, number] => [name, at + 1]).reverse(),
)
