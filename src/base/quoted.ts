const SHOWN = 40

/** `text` in quotes for a message: cut to 40 characters, with everything that does not print as `\u{…}`. */
export function quoted(text: string): string {
  // Cut by code units first, since `text` may be megabytes; then by characters, so that no surrogate pair is halved.
  const characters = Array.from(text.slice(0, SHOWN * 2 + 2))
  const shown = characters
    .slice(0, SHOWN)
    .join('')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}"\\]/gu, escaped)
  return characters.length > SHOWN ? `"${shown}…"` : `"${shown}"`
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
