import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Shard } from '../../src/store/shard.ts'
import { content } from '../support/content.ts'
import { until } from '../support/until.ts'
import { lease, type ShardUnderTest, token } from './shard-contract.ts'

const LONG_MS = 60_000

/** What every implementation of `Shard` does for the freshness of what is kept of it, and of what is loaded for it. */
export function freshnessContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} keeps the contract of freshness`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newKey = () => `test:f:v1::${count++}`

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    describe('a hold', () => {
      async function held(holdMs = LONG_MS) {
        const key = newKey()
        const version = await shard.invalidate(key, { staleKeepMs: 0, holdMs })
        return { key, version }
      }

      it('refuses what is put, and names the version that stands', async () => {
        const { key, version } = await held()
        expect(await shard.put(key, content('v'))).toEqual({ outcome: 'held', version })
        expect(await shard.put(key, content('v'), { ifVersion: 0 })).toEqual({ outcome: 'held', version })
        expect((await shard.read(key)).found).toBe(false)
      })

      it('grants leases and says how long it stands, but refuses their fill and leaves the lease', async () => {
        const { key } = await held()
        const own = lease()
        const granted = await shard.acquire(key, own)
        expect(granted).toMatchObject({ outcome: 'granted', holdMs: expect.any(Number) })
        expect(granted.outcome !== 'value' && granted.holdMs).toBeGreaterThan(LONG_MS / 2)
        expect(granted.outcome !== 'value' && granted.holdMs).toBeLessThanOrEqual(LONG_MS)
        expect(await shard.fill(key, own.token, content('v'))).toMatchObject({ outcome: 'held' })
        const busy = await shard.acquire(key, lease())
        expect(busy.outcome === 'busy' && busy.holdMs).toBeGreaterThan(LONG_MS / 2)
      })

      it('ends by itself, and then lets both be stored', async () => {
        const put = await held(30)
        const filled = await held(30)
        const own = lease()
        await shard.acquire(filled.key, own)
        await under.elapse(31)
        expect((await shard.put(put.key, content('v'))).outcome).toBe('stored')
        expect((await shard.fill(filled.key, own.token, content('v'))).outcome).toBe('filled')
      })

      it('outlasts an invalidation that wants a shorter one or none', async () => {
        const { key } = await held()
        for (const holdMs of [0, 1]) await shard.invalidate(key, { staleKeepMs: 0, holdMs })
        await under.elapse(2)
        expect((await shard.put(key, content('v'))).outcome).toBe('held')
      })

      it('outlasts the leases that are taken and given back under it', async () => {
        const { key } = await held()
        const [first, second] = [lease(), lease()]
        await shard.acquire(key, first)
        await shard.release(key, first.token)
        await shard.acquire(key, second)
        expect((await shard.fill(key, second.token, content('v'))).outcome).toBe('held')
      })

      it('stands for a while after a new epoch, for what the memory before may have forgotten', async () => {
        const key = newKey()
        const behind = await shard.acquire(key, { ...lease(), lagMs: 1e9 })
        expect(behind.outcome === 'granted' && behind.holdMs).toBeGreaterThan(0)
        expect(await shard.acquire(newKey(), lease())).toMatchObject({ outcome: 'granted', holdMs: 0 })
      })
    })

    describe('a reader who has seen a later version', () => {
      it('gets the lease over a value of an earlier one', async () => {
        const key = newKey()
        const { version } = await shard.put(key, content('v'))
        expect((await shard.acquire(key, { ...lease(), leastVersion: version })).outcome).toBe('value')
        expect((await shard.acquire(key, { ...lease(), leastVersion: version + 1 })).outcome).toBe('granted')
      })

      it('has no version made below it once the shard is told of it', async () => {
        const { version } = await shard.put(newKey(), content('v'))
        const seen = version + 5_000_000
        shard.atLeast(seen)
        expect((await shard.put(newKey(), content('w'))).version).toBeGreaterThanOrEqual(seen)
        expect(await shard.invalidate(newKey(), { staleKeepMs: 0 })).toBeGreaterThanOrEqual(seen)
      })
    })

    describe('who watches a key', () => {
      /** A key under the lease `own`, for which somebody else waits. */
      async function watched() {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        expect(await shard.acquire(key, { ...lease(), tracked: true })).toMatchObject({
          outcome: 'busy',
          tracked: true,
        })
        let woken = 0
        const end = shard.watch(key, () => {
          woken += 1
        })
        return { key, own, end, woken: () => woken }
      }

      it.each<[string, (key: string, own: Buffer) => Promise<unknown>]>([
        ['filled', (key, own) => shard.fill(key, own, content('v'))],
        ['put', (key) => shard.put(key, content('v'))],
        ['invalidated', (key) => shard.invalidate(key, { staleKeepMs: 0 })],
        ['given back', (key, own) => shard.release(key, own)],
      ])('is woken when it is %s', async (_what, change) => {
        const { key, own, woken } = await watched()
        await change(key, own.token)
        await until('being woken', () => woken() > 0)
      })

      it('is woken when the value that was read with tracking is changed', async () => {
        const key = newKey()
        await shard.put(key, content('v'))
        await shard.read(key, { tracked: true })
        let woken = 0
        shard.watch(key, () => {
          woken += 1
        })
        await shard.put(key, content('w'))
        await until('being woken', () => woken > 0)
      })

      it('is woken once for each time that it was read, by no other key, and not after the end', async () => {
        const [first, ended, last] = [await watched(), await watched(), await watched()]
        ended.end()
        for (const { key } of [first, ended, first, last]) await shard.put(key, content('v'))
        // News arrives in order.
        await until('the last being woken', () => last.woken() > 0)
        expect([first.woken(), ended.woken(), last.woken()]).toEqual([1, 0, 1])
      })
    })

    describe('what vouches for an entry', () => {
      async function readTracked(from = shard) {
        const key = newKey()
        await from.put(key, content('v'))
        const read = await from.read(key, { tracked: true })
        if (!read.found || read.proof === undefined) throw new Error('not found, or not tracked')
        return { key, read, proof: read.proof }
      }

      it('comes with what was read or acquired with tracking, and with nothing else', async () => {
        const { key, read, proof } = await readTracked()
        expect(read.asOf).toBe(read.sentAt)
        expect(proof.lost).toBe(false)
        expect(await shard.acquire(key, { ...lease(), tracked: true })).toMatchObject({ outcome: 'value', proof })
        expect(await shard.read(key)).toMatchObject({ found: true, proof: undefined })
        expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'value', proof: undefined })
      })

      it('rises with the heartbeats', async () => {
        const { read, proof } = await readTracked()
        for (const from of [read.sentAt, read.sentAt + 100]) {
          await until('a heartbeat that goes all the way', async () => {
            await under.elapse(50)
            return proof.provenAt > from
          })
        }
      })

      it('is lost when the line is, and then everybody is woken who watches a key', async () => {
        const own = await open()
        const { key, proof } = await readTracked(own.shard)
        let woken = 0
        own.shard.watch(key, () => {
          woken += 1
        })
        await own.cut()
        await until('the loss', () => proof.lost && woken > 0)
        expect(proof.provenAt).toBe(Number.NEGATIVE_INFINITY)
        await own.stop()
      })
    })

    it('refuses the token of one who never held the lease, also under a hold', async () => {
      const key = newKey()
      await shard.invalidate(key, { staleKeepMs: 0, holdMs: LONG_MS })
      await shard.acquire(key, lease())
      expect(await shard.fill(key, token(), content('v'))).toEqual({ outcome: 'lost' })
    })
  })
}
