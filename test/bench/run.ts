/** What one run of load has measured. */
export interface Run {
  readonly requests: number
  readonly perSecond: number
  readonly meanMs: number
  readonly p99Ms: number
}

export const VALUE_BYTES = 2_048
export const IN_FLIGHT = [1, 10, 100] as const

/** Runs calls with a fixed number in flight until `count` have been answered. */
export async function closedLoop(
  count: number,
  inFlight: number,
  call: (index: number) => Promise<void>,
): Promise<Run> {
  const tookMs: number[] = []
  let next = 0
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const begunAt = performance.now()
      await call(index)
      tookMs.push(performance.now() - begunAt)
    }
  }
  const begunAt = performance.now()
  await Promise.all(Array.from({ length: inFlight }, lane))
  const seconds = (performance.now() - begunAt) / 1_000
  tookMs.sort((a, b) => a - b)
  return {
    requests: count,
    perSecond: count / seconds,
    meanMs: tookMs.reduce((sum, ms) => sum + ms, 0) / count,
    p99Ms: tookMs[Math.floor(count * 0.99)] ?? 0,
  }
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
