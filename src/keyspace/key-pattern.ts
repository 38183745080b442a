const BEFORE = '^(?:'
const AFTER = ')$'

/**
 * Compiles a keyspace's pattern so that the *whole* key must match it, anchored or not: an unanchored `[0-9]+` must not
 * admit a key that merely has a digit in it, nor `^a|b$` one that merely ends in b. Throws a SyntaxError.
 */
export function wholeKeyPattern(text: string): RegExp {
  // On its own first: `a)|(?:b` would only compile inside the group, and undo it.
  new RegExp(text, 'u')
  return new RegExp(`${BEFORE}${text}${AFTER}`, 'u')
}

/** The pattern as it was written. */
export function keyPatternText(pattern: RegExp): string {
  const { source } = pattern
  const whole = source.startsWith(BEFORE) && source.endsWith(AFTER)
  return whole ? source.slice(BEFORE.length, -AFTER.length) : source
}
