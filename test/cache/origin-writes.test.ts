import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { changesRefused, originUnavailable, withOutcome } from '../../src/origin/origin-error.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { textOf } from '../support/use-cases.ts'

/** Of an intent, with the scripted origin's timeout of a second. */
const LIFE_MS = 3_000

const STRATEGIES = ['invalidate', 'write-through'] as const
const DOWN = originUnavailable('scripted', 'failed')

async function rig(changes: Partial<KeyspacePolicy> = {}) {
  const made = await cacheRig({ writes: 'invalidate', ...changes })
  const { origin, cache, clock } = made
  // A shard that has just been met may have forgotten the intents of others.
  await clock.advance(2 * LIFE_MS)
  origin.rows.set('1', 'old')
  const write = (value: string | undefined, sidecar = cache, key = '1') =>
    sidecar.write({
      keyspace: 'product',
      key,
      tenant: '',
      value: value === undefined ? undefined : Buffer.from(value),
    })
  const failure = async (writing: Promise<unknown>) => {
    const error = await writing.catch((error: unknown) => error)
    if (!(error instanceof RingsideError)) throw new Error('it did not fail with an error of ours')
    return { reason: error.reason, outcome: error.metadata.outcome }
  }
  return { ...made, write, failure }
}

describe.each(STRATEGIES)('a write with the strategy %s', (writes) => {
  it('changes the origin, and every later read has the new value and its version', async () => {
    const { origin, get, write, sidecar } = await rig({ writes })
    const other = sidecar()
    await get('1')
    await other.get('1')
    const { version, deferred } = await write('new')
    expect(deferred).toBe(false)
    expect(origin.stored).toMatchObject([{ key: '1', version: 0, value: Buffer.from('new') }])
    expect(textOf(await get('1', { minVersion: version }))).toBe('new')
    expect(textOf(await other.get('1', { maxStalenessMs: 0 }))).toBe('new')
  })

  it('deletes', async () => {
    const { origin, get, write } = await rig({ writes })
    await get('1')
    await write(undefined)
    expect(origin.stored).toEqual([{ key: '1', version: 0, deleted: true }])
    expect((await get('1')).outcome).toBe('not-found')
  })

  it('leaves the old value to readers until it is acknowledged, in strong keyspaces too', async () => {
    const { clock, origin, get, write } = await rig({ writes, consistency: 'strong', boundMs: 0, near: false })
    await get('1')
    origin.holdingStores = true
    const writing = write('new')
    await clock.advance(100)
    expect(await get('1')).toMatchObject({ source: 'primary', value: Buffer.from('old') })
    origin.heldStores[0]?.answer()
    await writing
    expect(textOf(await get('1'))).toBe('new')
  })

  it('does not let a slow reader put the old value back', async () => {
    const { clock, origin, get, write, sidecar } = await rig({ writes })
    const reader = sidecar()
    origin.holding = true
    const reading = reader.get('1')
    await clock.advance(1)
    origin.holdingStores = true
    const writing = write('new')
    await clock.advance(1)
    // One that began before the write, and one that begins in the middle of it.
    const meanwhile = sidecar().get('1')
    await clock.advance(1)
    origin.heldStores[0]?.answer()
    await writing
    origin.letGo()
    await Promise.all([reading, meanwhile])
    expect(textOf(await get('1', { maxStalenessMs: 0 }))).toBe('new')
  })

  it('drops what is stored when it races with another, so that nobody decides who was last', async () => {
    const { clock, origin, get, write, sidecar } = await rig({ writes })
    const other = sidecar()
    origin.holdingStores = true
    const first = write('first')
    await clock.advance(1)
    const second = write('second', other.cache)
    await clock.advance(1)
    const [one, two] = origin.heldStores
    two?.answer()
    await second
    expect(textOf(await get('1', { maxStalenessMs: 0 }))).toBe('second')
    one?.answer()
    await first
    expect(origin.rows.get('1')).toBe('first')
    expect(textOf(await get('1', { maxStalenessMs: 0 }))).toBe('first')
    expect(textOf(await other.get('1', { maxStalenessMs: 0 }))).toBe('first')
  })

  it('frees the key at once where the origin certainly changed nothing', async () => {
    const { origin, get, write, failure } = await rig({ writes })
    await get('1')
    origin.storeFailure = { error: changesRefused('scripted', 'refuses it'), afterTheFact: false }
    expect(await failure(write('new'))).toEqual({ reason: 'WRITE_REFUSED', outcome: 'unchanged' })
    origin.storeFailure = { error: withOutcome(DOWN, 'unchanged'), afterTheFact: false }
    expect(await failure(write('new'))).toEqual({ reason: 'ORIGIN_UNAVAILABLE', outcome: 'unchanged' })
    expect(textOf(await get('1', { maxStalenessMs: 0 }))).toBe('old')
    expect((await get('1', { maxStalenessMs: 0 })).source).toBe('primary')
  })

  it('stores nothing while the outcome is unknown, and answers nothing old afterwards', async () => {
    const { clock, origin, get, write, failure } = await rig({ writes, boundMs: 0, near: false })
    await get('1')
    origin.storeFailure = { error: DOWN, afterTheFact: true }
    expect(await failure(write('new'))).toEqual({ reason: 'ORIGIN_UNAVAILABLE', outcome: 'unknown' })
    // It was not acknowledged, so that the old value may still be answered.
    expect(textOf(await get('1'))).toBe('old')
    await clock.advance(LIFE_MS - 1)
    expect(textOf(await get('1'))).toBe('old')
    await clock.advance(1)
    expect(await get('1')).toMatchObject({ source: 'origin', value: Buffer.from('new') })
  })

  it('keeps out what is loaded until an unknown outcome can come true no more', async () => {
    const { clock, origin, get, write, failure } = await rig({ writes, boundMs: 0, near: false })
    origin.storeFailure = { error: DOWN, afterTheFact: false }
    expect(await failure(write('new'))).toEqual({ reason: 'ORIGIN_UNAVAILABLE', outcome: 'unknown' })
    expect(textOf(await get('1'))).toBe('old')
    // As late as it can.
    await clock.advance(LIFE_MS - 1)
    expect(textOf(await get('1'))).toBe('old')
    origin.rows.set('1', 'new')
    await clock.advance(1)
    expect(textOf(await get('1'))).toBe('new')
  })

  it('changes nothing without its shard in a strong keyspace, or without a journal', async () => {
    for (const consistency of ['strong', 'bounded'] as const) {
      const { shard, origin, write, failure } = await rig({ writes, consistency, near: false })
      if (consistency === 'strong') shard.deferred = []
      shard.down = true
      expect(await failure(write('new'))).toEqual({ reason: 'SHARD_UNAVAILABLE', outcome: 'unchanged' })
      expect(origin.stored).toEqual([])
      expect(shard.deferred ?? []).toEqual([])
    }
  })

  it('is deferred without its shard: noted before the origin is changed, and after', async () => {
    const { clock, shard, origin, write } = await rig({ writes, lagMs: 500 })
    shard.deferred = []
    shard.down = true
    origin.holdingStores = true
    const writing = write('new')
    await clock.advance(1)
    expect(shard.deferred).toMatchObject([{ holdMs: LIFE_MS + 500 }])
    origin.heldStores[0]?.answer()
    expect(await writing).toEqual({ version: 0, deferred: true })
    expect(shard.deferred).toMatchObject([{ holdMs: LIFE_MS + 500 }, { holdMs: 500 }])
    expect(origin.rows.get('1')).toBe('new')
  })

  it('is deferred, or in a strong keyspace fails, when the shard is lost after the change', async () => {
    for (const consistency of ['bounded', 'strong'] as const) {
      const { clock, shard, origin, get, write, failure } = await rig({ writes, consistency, boundMs: 0, near: false })
      await get('1')
      shard.deferred = []
      shard.losesSettles = true
      const writing = write('new')
      if (consistency === 'bounded') expect(await writing).toEqual({ version: 0, deferred: true })
      else expect(await failure(writing)).toEqual({ reason: 'SHARD_UNAVAILABLE', outcome: 'stored' })
      expect(shard.deferred).toHaveLength(consistency === 'bounded' ? 1 : 0)
      expect(origin.rows.get('1')).toBe('new')
      await clock.advance(LIFE_MS)
      expect(textOf(await get('1'))).toBe('new')
    }
  })

  it('holds for the lag of the origin, which may still answer the old value', async () => {
    const { clock, origin, get, write } = await rig({ writes: 'invalidate', lagMs: 500 })
    await get('1')
    await write('new')
    origin.rows.set('1', 'old')
    expect(textOf(await get('1'))).toBe('old')
    origin.rows.set('1', 'new')
    await clock.advance(500)
    expect(textOf(await get('1', { maxStalenessMs: 0 }))).toBe('new')
  })
})

describe('a write through', () => {
  it('stores the written bytes, which the next read has from the shard', async () => {
    const { origin, get, write } = await rig({ writes: 'write-through', near: false })
    const { version } = await write('new')
    expect(await get('1')).toMatchObject({ source: 'primary', version, value: Buffer.from('new') })
    await write(undefined)
    expect(await get('1')).toMatchObject({ source: 'primary', outcome: 'not-found' })
    expect(origin.asks('miss')).toBe(0)
  })

  it('remembers no deletion where the keyspace remembers no absence', async () => {
    const { get, write } = await rig({ writes: 'write-through', near: false, negativeTtlMs: 0 })
    await write(undefined)
    expect(await get('1')).toMatchObject({ source: 'origin', outcome: 'not-found' })
  })

  it('gives way to a set and to an invalidation that came in between', async () => {
    for (const meanwhile of ['set', 'invalidate'] as const) {
      const { clock, origin, cache, get, write, invalidate } = await rig({ writes: 'write-through', near: false })
      origin.holdingStores = true
      const writing = write('new')
      await clock.advance(1)
      const set = { keyspace: 'product', key: '1', tenant: '', value: Buffer.from('set'), leaseToken: '' }
      if (meanwhile === 'set') expect((await cache.set(set)).stored).toBe(false)
      else await invalidate('1')
      origin.heldStores[0]?.answer()
      await writing
      // Somebody else has changed the database, after the write.
      origin.rows.set('1', 'theirs')
      expect(await get('1')).toMatchObject({ source: 'origin', value: Buffer.from('theirs') })
    }
  })
})

describe('a write while its keyspace goes to another version', () => {
  async function moving() {
    const made = await rig({ near: false })
    const other = made.sidecar()
    const { origin, write, failure } = made
    origin.holdingStores = true
    /** Somebody loads what the origin had before, under the new version; then the write comes to its end there. */
    const overtaken = async (writing: Promise<unknown>, error?: RingsideError) => {
      expect(textOf(await other.get('1'))).toBe('old')
      if (error === undefined) origin.heldStores[0]?.answer()
      else origin.heldStores[0]?.fail(error)
      return error === undefined ? writing : failure(writing)
    }
    return { ...made, other, overtaken, write }
  }

  it.each(['announced', 'unheard of'])('reaches a version that was %s when it began', async (when) => {
    const { hear, other, write, overtaken, clock } = await moving()
    other.hear(2, 2)
    if (when === 'announced') hear(2, 0)
    const writing = write('new')
    await clock.advance(1)
    hear(2, 0)
    await overtaken(writing)
    expect(textOf(await other.get('1'))).toBe('new')
  })

  it('of unknown outcome keeps what is loaded under a version that it gets meanwhile from being stored', async () => {
    const { hear, other, write, overtaken, origin, clock } = await moving()
    const writing = write('new')
    await clock.advance(1)
    hear(2, 0)
    other.hear(2, 2)
    expect(await overtaken(writing, DOWN)).toMatchObject({ outcome: 'unknown' })
    expect(textOf(await other.get('1'))).toBe('old')
    origin.rows.set('1', 'new')
    expect(textOf(await other.get('1'))).toBe('new')
  })

  it('that nobody ends leaves nothing old under a version that was announced before', async () => {
    const { hear, other, write, origin, clock } = await moving()
    hear(2, 0)
    other.hear(2, 2)
    void write('new')
    await clock.advance(1)
    expect(textOf(await other.get('1'))).toBe('old')
    origin.rows.set('1', 'new')
    expect(textOf(await other.get('1'))).toBe('new')
  })

  it('changes nothing where the other version cannot be told', async () => {
    const { hear, write, failure, origin, shard } = await moving()
    hear(2, 0)
    shard.down = true
    expect(await failure(write('new'))).toEqual({ reason: 'SHARD_UNAVAILABLE', outcome: 'unchanged' })
    expect(origin.heldStores).toEqual([])
  })
})

describe('a keyspace that is not written through the sidecar', () => {
  it('refuses', async () => {
    const { write, failure, origin } = await rig({ writes: undefined })
    expect(await failure(write('new'))).toEqual({ reason: 'WRITE_REFUSED', outcome: 'unchanged' })
    const counters = await rig({ kind: 'counter' })
    expect(await counters.failure(counters.write('1'))).toMatchObject({ reason: 'KEYSPACE_KIND' })
    expect(origin.stored).toEqual([])
  })
})
