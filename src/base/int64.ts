/** The bounds of a signed 64-bit number. */
export const INT64_MIN: bigint = -(2n ** 63n)
export const INT64_MAX: bigint = 2n ** 63n - 1n

const DECIMAL = /^-?\d{1,40}$/

export function isInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX
}

/** The number that a decimal text says; `undefined` where it is none of 64 bits. */
export function parseInt64(text: string): bigint | undefined {
  if (!DECIMAL.test(text)) return undefined
  const value = BigInt(text)
  return isInt64(value) ? value : undefined
}
