/** `names` by their likeness to `wanted`, the most alike first. */
export function byLikeness(wanted: string, names: readonly string[]): readonly string[] {
  return names
    .map((name) => ({ name, distance: distance(fold(wanted), fold(name)) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name)
}

/** The name that was probably meant: the most alike, if it is at most a third of its letters (and at least two) away. */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  const [best] = byLikeness(wanted, names)
  if (best === undefined) return undefined
  const tolerated = Math.min(best.length - 1, Math.max(2, Math.floor(best.length / 3)))
  return distance(fold(wanted), fold(best)) <= tolerated ? best : undefined
}

// Bounded, since the distance costs the product of both lengths and `wanted` may come from anybody.
function fold(name: string): string {
  return name.slice(0, 64).toLowerCase()
}

/** Levenshtein's edit distance (Wagner and Fischer's table, one row at a time). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
