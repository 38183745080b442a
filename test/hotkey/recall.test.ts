import { describe, expect, it } from 'vitest'
import { readTrace, TRACES } from '../bench/hit-ratio-trace.ts'
import { recallOf } from '../bench/hot-recall.ts'

describe('the keys that a sidecar knows by name', () => {
  it.each(TRACES)(
    'are those at least as hot as the hundredth, at the peak of %s',
    { timeout: 60_000 },
    async (name) => {
      const trace = await readTrace(name)
      const { atPeak, mean } = recallOf(trace, 20_000)
      expect(atPeak).toBeGreaterThanOrEqual(0.95)
      expect(mean).toBeGreaterThanOrEqual(0.9)
    },
  )
})
