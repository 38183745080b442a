import { describe, expect, it } from 'vitest'
import { getResponse } from '../../src/rpc/cache-messages.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { answer } from './fake-cache.ts'

async function clockAt(ms: number): Promise<ManualClock> {
  const clock = new ManualClock()
  await clock.advance(ms)
  return clock
}

describe('getResponse', () => {
  it('shows as_of as wall time and the age since the load, in whole milliseconds', async () => {
    const clock = await clockAt(10_000)
    const response = getResponse(answer({ asOf: 9_000.7, loadedAt: 4_000.2 }), clock)
    expect(response.as_of_unix_ms).toBe(clock.wall() - 1_000)
    expect(response.age_ms).toBe(5_999)
    expect(getResponse(answer({ asOf: 9_000.2 }), clock).as_of_unix_ms).toBe(clock.wall() - 1_000)
  })

  it('shows 0 for an as_of and an age that nobody knows', async () => {
    const clock = await clockAt(10_000)
    const response = getResponse(answer({ asOf: -Infinity, loadedAt: -Infinity, degraded: true }), clock)
    expect(response).toMatchObject({ as_of_unix_ms: 0, age_ms: 0, degraded: true })
  })

  it('gives a miss no age', async () => {
    const clock = await clockAt(10_000)
    expect(getResponse(answer({ outcome: 'miss', loadedAt: 0 }), clock).age_ms).toBe(0)
  })
})
