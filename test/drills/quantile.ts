/** The value below which this share of them lies; they are sorted. 0 where there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)
