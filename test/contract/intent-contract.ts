import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Shard } from '../../src/store/shard.ts'
import { content } from '../support/content.ts'
import { until } from '../support/until.ts'
import { lease, type ShardUnderTest, token } from './shard-contract.ts'

const LONG_MS = 60_000
const SHORT_MS = 30
const DROP = { staleKeepMs: 0 }

/** What every implementation of `Shard` keeps to while somebody writes to the origin. */
export function intentContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} keeps the contract of write intents`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newKey = () => `test:k:v1::intent${count++}`

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    async function text(key: string): Promise<string | undefined> {
      const read = await shard.read(key)
      return read.found ? read.entry.value.toString() : undefined
    }

    const intend = async (key: string, ttlMs = LONG_MS) => {
      const own = token()
      await shard.intend(key, { token: own, ttlMs })
      return own
    }
    const settle = (key: string, own: Buffer, value?: string, more = {}) =>
      shard.settle(key, { token: own, ...DROP, content: value === undefined ? undefined : content(value), ...more })

    /** Whether what is loaded now would be stored. */
    async function isStorable(key: string): Promise<boolean> {
      const own = lease()
      const acquired = await shard.acquire(key, own)
      if (acquired.outcome !== 'granted') throw new Error(acquired.outcome)
      const filled = await shard.fill(key, own.token, content('loaded'))
      expect(filled.outcome).toBe(acquired.holdMs > 0 ? 'held' : 'filled')
      if (filled.outcome === 'held') await shard.release(key, own.token)
      return filled.outcome === 'filled'
    }

    it('leaves the old value readable, with its version, and ends it with the intent', async () => {
      const key = newKey()
      const put = await shard.put(key, content('old', { ttlMs: LONG_MS }))
      await intend(key, SHORT_MS)
      const read = await shard.read(key)
      expect(read).toMatchObject({ found: true, entry: { version: put.version } })
      expect(read.found && read.entry.ttlMs).toBeLessThanOrEqual(SHORT_MS)
      await under.elapse(SHORT_MS + 1)
      await until('the end of the intent', async () => (await text(key)) === undefined)
    })

    it('ends the old value with the first of several intents, and holds up to the last', async () => {
      const key = newKey()
      await shard.put(key, content('old'))
      await intend(key)
      await intend(key, SHORT_MS)
      await intend(key)
      await under.elapse(SHORT_MS + 1)
      await until('the end of the first', async () => (await text(key)) === undefined)
      expect(await isStorable(key)).toBe(false)
    })

    it('does not lengthen the life of a value', async () => {
      const key = newKey()
      await shard.put(key, content('old', { ttlMs: SHORT_MS }))
      await intend(key)
      await under.elapse(SHORT_MS + 1)
      await until('expiry', async () => (await text(key)) === undefined)
    })

    it.each(['nothing', 'a tombstone', 'a value'])('holds what is loaded over %s until it is settled', async (what) => {
      const key = newKey()
      if (what === 'a tombstone') await shard.invalidate(key, DROP)
      if (what === 'a value') await shard.put(key, content('old'))
      const own = await intend(key)
      if (what === 'a value') await shard.invalidate(key, DROP)
      expect(await isStorable(key)).toBe(false)
      expect(await isStorable(key)).toBe(false)
      await settle(key, own)
      expect(await isStorable(key)).toBe(true)
    })

    it('holds no longer than the intent stands, if nobody settles it', async () => {
      const key = newKey()
      await intend(key, SHORT_MS)
      await under.elapse(SHORT_MS + 1)
      await until('the end of the intent', () => isStorable(key))
    })

    it('kills a lease', async () => {
      const key = newKey()
      const own = lease()
      await shard.acquire(key, own)
      const intent = await intend(key)
      expect(await shard.fill(key, own.token, content('loaded'))).toEqual({ outcome: 'lost' })
      await settle(key, intent)
      expect(await shard.fill(key, own.token, content('loaded'))).toEqual({ outcome: 'lost' })
    })

    it('takes no other value meanwhile', async () => {
      const key = newKey()
      const { version } = await shard.put(key, content('old'))
      await intend(key)
      expect(await shard.put(key, content('set'))).toEqual({ outcome: 'held', version })
      expect(await shard.put(key, content('set'), { ifVersion: version })).toEqual({ outcome: 'held', version })
      expect(await text(key)).toBe('old')
    })

    it('stores what was written if it stood alone, with a larger version', async () => {
      const key = newKey()
      const { version } = await shard.put(key, content('old'))
      const settled = await settle(key, await intend(key), 'new')
      expect(settled.outcome).toBe('stored')
      expect(settled.version).toBeGreaterThan(version)
      expect(await shard.read(key)).toMatchObject({ found: true, entry: { version: settled.version } })
      expect(await text(key)).toBe('new')
      expect((await shard.put(key, content('next'))).outcome).toBe('stored')
    })

    it('drops the old value where there is nothing to store, or it may not be', async () => {
      const key = newKey()
      const { version } = await shard.put(key, content('old'))
      const settled = await settle(key, await intend(key))
      expect(settled.outcome).toBe('dropped')
      expect(settled.version).toBeGreaterThan(version)
      expect(await shard.read(key)).toMatchObject({ found: false, version: settled.version })
    })

    it('keeps what was dropped for those who take it stale, and holds as long as it is told', async () => {
      const key = newKey()
      await shard.put(key, content('old', { staleKeepMs: LONG_MS }))
      await settle(key, await intend(key), undefined, { staleKeepMs: LONG_MS, holdMs: LONG_MS })
      const acquired = await shard.acquire(key, lease())
      expect(acquired.outcome === 'granted' && acquired.stale?.value.toString()).toBe('old')
      expect(acquired.outcome === 'granted' && acquired.holdMs).toBeGreaterThan(0)
    })

    it.each([
      ['another that still stands', async (key: string) => void (await intend(key))],
      ['another that was settled', async (key: string) => void (await settle(key, await intend(key)))],
      ['an invalidation', async (key: string) => void (await shard.invalidate(key, DROP))],
      ['a put, though it was refused', async (key: string) => void (await shard.put(key, content('set')))],
      ['the settling of one that had run out', async (key: string) => void (await settle(key, token(), 'of another'))],
    ])('drops what was written if it overlapped with %s', async (_what, overlap) => {
      const key = newKey()
      await shard.put(key, content('old'))
      const own = await intend(key)
      await overlap(key)
      expect((await settle(key, own, 'new')).outcome).toBe('dropped')
      expect(await text(key)).toBeUndefined()
    })

    it('drops what was written if it overlapped with one that began before', async () => {
      const key = newKey()
      const first = await intend(key)
      const second = await intend(key)
      expect((await settle(key, first, 'first')).outcome).toBe('dropped')
      expect((await settle(key, second, 'second')).outcome).toBe('dropped')
    })

    it('is not overlapped by readers who load, whose leases carry it on', async () => {
      const key = newKey()
      const own = await intend(key)
      expect(await isStorable(key)).toBe(false)
      const reader = lease()
      await shard.acquire(key, reader)
      expect((await settle(key, own, 'new')).outcome).toBe('stored')
      expect(await shard.fill(key, reader.token, content('loaded'))).toEqual({ outcome: 'lost' })
      expect(await text(key)).toBe('new')
    })

    it('settles only its own: another goes on standing', async () => {
      const key = newKey()
      const [first, second] = [await intend(key), await intend(key)]
      await settle(key, first)
      expect(await isStorable(key)).toBe(false)
      await settle(key, first)
      expect(await isStorable(key)).toBe(false)
      await settle(key, second)
      expect(await isStorable(key)).toBe(true)
    })

    it('stores nothing for one that has run out', async () => {
      const key = newKey()
      const own = await intend(key, SHORT_MS)
      await under.elapse(SHORT_MS + 1)
      await until('the end of the intent', () => isStorable(key))
      expect((await settle(key, own, 'new')).outcome).toBe('dropped')
      expect(await text(key)).toBeUndefined()
    })

    it('stores nothing under a hold that was there before', async () => {
      const key = newKey()
      await shard.invalidate(key, { ...DROP, holdMs: LONG_MS })
      const own = await intend(key)
      expect((await settle(key, own, 'new')).outcome).toBe('dropped')
      expect(await isStorable(key)).toBe(false)
    })

    it('counts once, however often it is said', async () => {
      const key = newKey()
      const own = await intend(key)
      await shard.intend(key, { token: own, ttlMs: LONG_MS })
      expect((await settle(key, own, 'new')).outcome).toBe('stored')
    })
  })
}
