import { describe, expect, it } from 'vitest'
import type { LoadedValues } from '../../src/origin/origin.ts'
import { connectionLost, originUnavailable } from '../../src/origin/origin-error.ts'
import { buildOrigin, echo, type OriginSettings } from './scripted-adapter.ts'

const lost = () => connectionLost('catalog', 'broke off before it had answered', new Error('reset'))

/** An origin whose answers to its queries, one after the other, are these; then it echoes. */
function answering(answers: (() => LoadedValues)[], settings: OriginSettings = {}) {
  return buildOrigin((keys) => answers.shift()?.() ?? echo(keys), settings)
}

const fails = (error: Error) => () => {
  throw error
}

describe('a query whose connection broke', () => {
  it('is sent once more, and takes a place for it', async () => {
    const { adapter, loadAll, origin } = answering([fails(lost())], { maxConcurrent: 1 })
    expect(await loadAll(['a', 'b'])).toEqual(['value of a', 'value of b'])
    expect(adapter.queries.map(({ keys }) => keys)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(origin.stats()).toMatchObject({ retries: 1, loads: { miss: 2 }, inFlight: 0 })
  })

  it('is sent no third time', async () => {
    const { adapter, load } = answering([fails(lost()), fails(lost())])
    expect(await load('a')).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', retryAfterMs: 1_000 })
    expect(adapter.queries).toHaveLength(2)
  })

  it('is not sent again within another deadline than its own', async () => {
    const { clock, adapter, load } = buildOrigin(() => undefined)
    const loading = load('a')
    await clock.advance(700)
    adapter.queries[0]?.answer.reject(lost())
    await clock.advance(299)
    expect(adapter.queries).toHaveLength(2)
    await clock.advance(1)
    expect(await loading).toMatchObject({ message: 'origin catalog did not answer in time' })
  })

  it('is not sent again once the breaker has opened', async () => {
    const { adapter, load } = answering([fails(lost())], { consecutiveFailures: 1 })
    expect(await load('a')).toMatchObject({
      reason: 'ORIGIN_UNAVAILABLE',
      message: 'origin catalog is failing and gets a pause',
    })
    expect(adapter.queries).toHaveLength(1)
  })

  it('costs a failing origin no more than the budget, however many queries fail', async () => {
    const { adapter, load, origin } = buildOrigin(fails(lost()), { consecutiveFailures: 1e9 })
    for (let query = 0; query < 500; query += 1) await load(String(query))
    expect(adapter.queries).toHaveLength(500 + origin.stats().retries)
    expect(origin.stats().retries).toBeLessThanOrEqual(100 + 0.1 * 500)
    expect(origin.stats().retries).toBeGreaterThan(100)
  })
})

describe('a query that failed otherwise', () => {
  it('is not sent again', async () => {
    const { adapter, load } = answering([fails(originUnavailable('catalog', 'cannot be reached'))])
    expect(await load('a')).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    expect(adapter.queries).toHaveLength(1)
  })
})
