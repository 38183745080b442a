import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Flushed, SCAN_BEGIN } from '../../src/store/flushing.ts'
import type { Shard } from '../../src/store/shard.ts'
import { content } from '../support/content.ts'
import { BacklogUnderTest } from './backlog-contract.ts'
import { lease, type ShardUnderTest, token } from './shard-contract.ts'

const LONG_MS = 60_000

/** What every implementation of `Shard` does where its environment is emptied. */
export function flushContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name}, being emptied,`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newKey = () => `test:k:v1::flushed${count++}`

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    const flush = async (key: string): Promise<Flushed> => (await shard.ask(key, 'flush', () => ({ key }))).value
    const isThere = async (key: string) => (await shard.ask(key, 'get', () => ({ key }))).value !== undefined

    async function scanned(prefix: string, count: number): Promise<readonly string[]> {
      const names: string[] = []
      let cursor = SCAN_BEGIN
      do {
        const ask = { prefix, cursor, count }
        const { value } = await shard.ask(prefix, 'scan', () => ask)
        names.push(...value.names)
        cursor = value.cursor
      } while (cursor !== SCAN_BEGIN)
      return [...new Set(names)].sort()
    }

    it('names all that begins in a certain way, a few at a time, and nothing else', async () => {
      const names = Array.from({ length: 60 }, (_, key) => `one:k:v1::${key}`).sort()
      const others = ['one2:k:v1::1', 'on:k:v1::1', 'xone:k:v1::1']
      for (const key of [...names, ...others]) await shard.put(key, content('v'))
      expect(await scanned('one:', 10)).toEqual(names)
      expect(await scanned('nothing:', 10)).toEqual([])
    })

    it.each(['value', 'negative'] as const)(
      'lets go of a %s, live or over, and answers nothing in its place',
      async (kind) => {
        const [live, over] = [newKey(), newKey()]
        await shard.put(live, content('', { kind, staleKeepMs: LONG_MS }))
        await shard.put(over, content('', { kind, ttlMs: 1, staleKeepMs: LONG_MS }))
        await under.elapse(2)
        expect([await flush(live), await flush(over)]).toEqual(['removed', 'removed'])
        expect(await shard.read(live)).toMatchObject({ found: false })
        for (const key of [live, over]) {
          expect(await isThere(key)).toBe(false)
          expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'granted', stale: undefined })
        }
      },
    )

    it('lets go of what an invalidation has kept stale', async () => {
      const key = newKey()
      await shard.put(key, content('v', { staleKeepMs: LONG_MS }))
      await shard.invalidate(key, { staleKeepMs: LONG_MS })
      expect(await flush(key)).toBe('removed')
      expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'granted', stale: undefined })
    })

    it('lets go of a lease, so that what was being loaded meanwhile is not stored', async () => {
      const key = newKey()
      const own = lease()
      await shard.acquire(key, own)
      expect(await flush(key)).toBe('removed')
      expect((await shard.fill(key, own.token, content('v'))).outcome).toBe('lost')
      const { version } = await shard.put(key, content('v'))
      await flush(key)
      expect((await shard.put(key, content('w'), { ifVersion: version })).outcome).toBe('version-mismatch')
    })

    it('keeps versions growing, also where they run ahead of its clock', async () => {
      const key = newKey()
      const versions: number[] = []
      for (const aheadUs of [0, 5e6, 0]) {
        shard.atLeast(Math.floor(shard.serverUs() ?? 0) + aheadUs)
        versions.push((await shard.put(key, content('v'))).version)
        expect(await flush(key)).toBe('removed')
        expect(await shard.read(key)).toMatchObject({ found: false })
      }
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
    })

    it('keeps a key that is being written, whose intent stands, and one that is held', async () => {
      const [written, fresh, held] = [newKey(), newKey(), newKey()]
      await shard.put(written, content('v'))
      for (const key of [written, fresh]) await shard.intend(key, { token: token(), ttlMs: LONG_MS })
      await shard.invalidate(held, { staleKeepMs: 0, holdMs: LONG_MS })
      expect([await flush(written), await flush(fresh), await flush(held)]).toEqual(['kept', 'kept', 'kept'])
      for (const key of [written, fresh, held]) expect((await shard.put(key, content('w'))).outcome).toBe('held')
    })

    it('keeps what its origin does not have yet, and lets go of it when that has heard of it', async () => {
      const key = newKey()
      const backlog = new BacklogUnderTest(shard, { backlog: 'test:~flushed', maxBacklog: 100 })
      const { version } = await backlog.put(key, 'waits')
      expect(await flush(key)).toBe('kept')
      const { records } = await backlog.take()
      expect(records.map(({ value }) => String(value))).toEqual(['waits'])
      await backlog.settle(
        key,
        records.map(({ id }) => id),
        version,
      )
      expect(await flush(key)).toBe('removed')
    })

    it('has nothing to let go of where nothing is', async () => {
      expect(await flush(newKey())).toBe('absent')
    })

    it('tells those who keep the value near', async () => {
      const key = newKey()
      await shard.put(key, content('v'))
      let woken = 0
      const unwatch = shard.watch(key, () => {
        woken += 1
      })
      await shard.read(key, { tracked: true })
      const before = woken
      await flush(key)
      await under.elapse(1)
      for (let tick = 0; woken === before && tick < 1_000; tick += 1) await shard.read(newKey())
      expect(woken).toBeGreaterThan(before)
      unwatch()
    })
  })
}
