import { describe, expect, it } from 'vitest'
import type { RingsideError } from '../../src/base/errors.ts'
import type { LoadedValues } from '../../src/origin/origin.ts'
import { UnanswerableKeys } from '../../src/origin/origin-error.ts'
import { buildOrigin, echo, range } from './scripted-adapter.ts'

describe('keys that the origin cannot answer', () => {
  function stumblingOver(bad: ReadonlySet<string>) {
    return (keys: readonly string[]): LoadedValues => {
      if (keys.some((key) => bad.has(key))) throw new UnanswerableKeys('KEY_INVALID', 'key: cannot be read')
      return echo(keys)
    }
  }

  it('fail alone', async () => {
    const keys = range(0, 100)
    const bad = new Set(['0', '41', '99'])
    const { loadAll } = buildOrigin(stumblingOver(bad))
    for (const [index, outcome] of (await loadAll(keys)).entries()) {
      if (bad.has(String(index))) expect(outcome).toMatchObject({ reason: 'KEY_INVALID' })
      else expect(outcome).toBe(`value of ${index}`)
    }
  })

  it('are found by halving: a single one among 512 costs 19 queries', async () => {
    const { adapter, loadAll } = buildOrigin(stumblingOver(new Set(['300'])), { batch: 512 })
    await loadAll(range(0, 512))
    expect(adapter.queries).toHaveLength(19)
  })

  it('cost fewer than two queries a key when all are bad, one at a time', async () => {
    const keys = range(0, 32)
    const { adapter, loadAll, origin } = buildOrigin(stumblingOver(new Set(keys)), { maxConcurrent: 1, maxWaiting: 0 })
    await loadAll(keys)
    expect(adapter.queries).toHaveLength(63)
    expect(origin.stats()).toMatchObject({ retries: 62, rejected: { limit: 0 } })
  })

  it('are not looked for beyond the retry budget: the rest fails with them, and may be tried later', async () => {
    const keys = range(0, 256)
    const { adapter, loadAll, origin } = buildOrigin(stumblingOver(new Set(keys)), { batch: 256 })
    const outcomes = await loadAll(keys)
    const judged = outcomes.filter((outcome) => (outcome as RingsideError).reason === 'KEY_INVALID')
    expect(adapter.queries).toHaveLength(1 + 100)
    const { retries, rejected } = origin.stats()
    expect(retries).toBe(100)
    expect(rejected.retries).toBe(256 - judged.length)
    expect(outcomes.at(-1)).toMatchObject({ reason: 'ORIGIN_UNAVAILABLE', retryAfterMs: 1_000 })
  })

  it('are no failure of the origin', async () => {
    const { breaker, load } = buildOrigin(stumblingOver(new Set(['a'])))
    for (let left = 10; left > 0; left -= 1) expect(await load('a')).toMatchObject({ reason: 'KEY_INVALID' })
    expect(breaker.state()).toBe('closed')
    expect(breaker.stats().failures).toBe(0)
  })

  it('are looked for no longer than one load may take', async () => {
    const { clock, adapter, loadAll } = buildOrigin(() => undefined)
    const loading = loadAll(['a', 'b'])
    await clock.advance(600)
    adapter.queries[0]?.answer.reject(new UnanswerableKeys('KEY_INVALID', 'key: cannot be read'))
    await clock.advance(399)
    expect(adapter.queries[1]?.context.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(await loading).toMatchObject([{ reason: 'ORIGIN_UNAVAILABLE' }, { reason: 'ORIGIN_LIMIT' }])
    expect(adapter.queries).toHaveLength(2)
  })
})
