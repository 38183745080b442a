import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Shard } from '../../src/store/shard.ts'
import { content } from '../support/content.ts'
import { until } from '../support/until.ts'

export interface ShardUnderTest {
  readonly shard: Shard
  /** Makes the shard's own time pass, really or by hand. */
  readonly elapse: (ms: number) => Promise<void>
  /** Ends the connections that it has. */
  readonly cut: () => Promise<void>
  readonly stop: () => Promise<void>
}

export const token = () => randomBytes(16)
export const lease = (leaseTtlMs = 60_000, own = token()) => ({ token: own, leaseTtlMs })

/** What every implementation of `Shard` keeps to. */
export function shardContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} keeps the contract of a shard`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newKey = () => `test:k:v1::${count++}`

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    async function text(key: string): Promise<string | undefined> {
      const read = await shard.read(key)
      return read.found ? read.entry.value.toString() : undefined
    }

    it('finds nothing under a key that nobody wrote', async () => {
      expect(await text(newKey())).toBeUndefined()
    })

    it('reads back the bytes that were put, whatever they are', async () => {
      const key = newKey()
      const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
      await shard.put(key, content('', { value }))
      const read = await shard.read(key)
      expect(read.found && Buffer.compare(read.entry.value, value)).toBe(0)
    })

    it('keeps an empty value apart from a negative one', async () => {
      const [empty, negative] = [newKey(), newKey()]
      await shard.put(empty, content(''))
      await shard.put(negative, content('', { kind: 'negative' }))
      expect(await shard.read(empty)).toMatchObject({ found: true, entry: { kind: 'value' } })
      expect(await shard.read(negative)).toMatchObject({ found: true, entry: { kind: 'negative' } })
    })

    it('tells the age since the load, the soft ttl and the ttl', async () => {
      const key = newKey()
      await shard.put(key, content('v', { ttlMs: 60_000, softTtlMs: 40_000, loadedAgoMs: 5_000 }))
      const read = await shard.read(key)
      if (!read.found) throw new Error('not found')
      expect(read.entry.ageMs).toBeGreaterThanOrEqual(5_000)
      expect(read.entry.ageMs).toBeLessThan(15_000)
      expect(read.entry.softTtlMs).toBeGreaterThan(30_000)
      expect(read.entry.softTtlMs).toBeLessThanOrEqual(40_000)
      expect(read.entry.ttlMs).toBeGreaterThan(50_000)
      expect(read.entry.ttlMs).toBeLessThanOrEqual(60_000)
    })

    it('forgets a value at the end of its ttl', async () => {
      const key = newKey()
      await shard.put(key, content('v', { ttlMs: 30 }))
      await under.elapse(31)
      await until('expiry', async () => (await text(key)) === undefined)
    })

    it('makes versions that only grow, over puts, invalidations and fills', async () => {
      const key = newKey()
      const versions: number[] = []
      for (let round = 0; round < 5; round += 1) {
        const put = await shard.put(key, content('v'))
        versions.push(put.version, await shard.invalidate(key, { staleKeepMs: 0 }))
        const own = token()
        await shard.acquire(key, lease(60_000, own))
        const filled = await shard.fill(key, own, content('w'))
        versions.push(filled.outcome === 'filled' ? filled.version : 0)
      }
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
      expect(Math.max(...versions)).toBeLessThan(Number.MAX_SAFE_INTEGER)
    })

    describe('leases', () => {
      it('grants a lease on an absent key, once', async () => {
        const key = newKey()
        expect((await shard.acquire(key, lease())).outcome).toBe('granted')
        expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'busy', stale: undefined })
      })

      it('tells how long another holder may still take', async () => {
        const key = newKey()
        await shard.acquire(key, lease(30_000))
        const busy = await shard.acquire(key, lease())
        expect(busy.outcome === 'busy' && busy.leaseTtlMs).toBeGreaterThan(20_000)
        expect(busy.outcome === 'busy' && busy.leaseTtlMs).toBeLessThanOrEqual(30_000)
      })

      it('grants the same token again, since its first answer may have been lost', async () => {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        expect((await shard.acquire(key, own)).outcome).toBe('granted')
      })

      it('answers the value instead of a lease when there is one', async () => {
        const key = newKey()
        await shard.put(key, content('v'))
        const acquired = await shard.acquire(key, lease())
        expect(acquired.outcome === 'value' && acquired.entry.value.toString()).toBe('v')
      })

      it('does not show a lease to a reader', async () => {
        const key = newKey()
        await shard.acquire(key, lease())
        expect(await text(key)).toBeUndefined()
      })

      it('stores the fill of the holder', async () => {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        const filled = await shard.fill(key, own.token, content('v'))
        expect(await shard.read(key)).toMatchObject({
          found: true,
          entry: { version: filled.outcome === 'filled' ? filled.version : -1 },
        })
        expect(await text(key)).toBe('v')
      })

      it('loses the fill of a stranger', async () => {
        const key = newKey()
        await shard.acquire(key, lease())
        expect(await shard.fill(key, token(), content('v'))).toEqual({ outcome: 'lost' })
        expect(await text(key)).toBeUndefined()
      })

      it('loses a fill without any lease', async () => {
        expect(await shard.fill(newKey(), token(), content('v'))).toEqual({ outcome: 'lost' })
      })

      it('loses the second fill with one lease', async () => {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        await shard.fill(key, own.token, content('v'))
        expect((await shard.fill(key, own.token, content('w'))).outcome).toBe('lost')
        expect(await text(key)).toBe('v')
      })

      it('passes the lease of a dead holder on, and loses what that holder brings afterwards', async () => {
        const key = newKey()
        const dead = lease(300)
        await shard.acquire(key, dead)
        await under.elapse(301)
        const own = lease()
        expect((await shard.acquire(key, own)).outcome).toBe('granted')
        expect((await shard.fill(key, dead.token, content('old'))).outcome).toBe('lost')
        expect((await shard.fill(key, own.token, content('new'))).outcome).toBe('filled')
        expect(await text(key)).toBe('new')
      })

      it('takes the fill of a slow holder whom nobody has replaced', async () => {
        const key = newKey()
        const slow = lease(40)
        await shard.acquire(key, slow)
        await under.elapse(41)
        expect((await shard.fill(key, slow.token, content('v'))).outcome).toBe('filled')
      })

      it('grants the next lease at once when the holder gives it back', async () => {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        await shard.release(key, own.token)
        expect((await shard.acquire(key, lease())).outcome).toBe('granted')
      })

      it('leaves the lease of another alone when a former holder gives its own back', async () => {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        await shard.release(key, token())
        expect((await shard.acquire(key, lease())).outcome).toBe('busy')
        expect((await shard.fill(key, own.token, content('v'))).outcome).toBe('filled')
      })
    })

    describe('invalidation', () => {
      it('hides the value and grants the next lease', async () => {
        const key = newKey()
        await shard.put(key, content('v'))
        await shard.invalidate(key, { staleKeepMs: 0 })
        expect(await text(key)).toBeUndefined()
        expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'granted', stale: undefined })
      })

      it('kills the lease of a load under way, whose fill is lost', async () => {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        await shard.invalidate(key, { staleKeepMs: 0 })
        expect((await shard.fill(key, own.token, content('old'))).outcome).toBe('lost')
        expect(await text(key)).toBeUndefined()
      })

      it('answers a version above that of the value it removed', async () => {
        const key = newKey()
        const put = await shard.put(key, content('v'))
        expect(await shard.invalidate(key, { staleKeepMs: 0 })).toBeGreaterThan(put.version)
      })

      it('keeps the old value for stale readers where it is told to, with its own version and since when it is stale', async () => {
        const key = newKey()
        const put = await shard.put(key, content('v'))
        await shard.invalidate(key, { staleKeepMs: 60_000 })
        for (const outcome of ['granted', 'busy']) {
          const acquired = await shard.acquire(key, lease())
          if (acquired.outcome === 'value' || acquired.stale === undefined) throw new Error('nothing stale')
          expect(acquired.outcome).toBe(outcome)
          expect(acquired.stale).toMatchObject({ kind: 'value', version: put.version })
          expect(acquired.stale.value.toString()).toBe('v')
          expect(acquired.stale.staleForMs).toBeLessThan(20_000)
        }
      })

      it('keeps a stale negative as a negative', async () => {
        const key = newKey()
        await shard.put(key, content('', { kind: 'negative' }))
        await shard.invalidate(key, { staleKeepMs: 60_000 })
        expect(await shard.acquire(key, lease())).toMatchObject({ stale: { kind: 'negative' } })
      })

      it('does not make a stale value younger by invalidating it again', async () => {
        const key = newKey()
        await shard.put(key, content('v'))
        await shard.invalidate(key, { staleKeepMs: 60_000 })
        await under.elapse(50)
        await shard.invalidate(key, { staleKeepMs: 60_000 })
        const acquired = await shard.acquire(key, lease())
        expect(acquired.outcome !== 'value' && acquired.stale?.staleForMs).toBeGreaterThanOrEqual(50)
      })
    })

    it('keeps a stale value beyond the leases that come and go over it', async () => {
      const key = newKey()
      await shard.put(key, content('v'))
      await shard.invalidate(key, { staleKeepMs: 60_000 })
      await shard.acquire(key, lease(20))
      await under.elapse(60)
      const acquired = await shard.acquire(key, lease())
      expect(acquired.outcome !== 'value' && acquired.stale?.value.toString()).toBe('v')
    })

    it('keeps an expired value for stale readers for as long as its content says', async () => {
      const key = newKey()
      await shard.put(key, content('v', { ttlMs: 20, staleKeepMs: 60_000 }))
      await under.elapse(21)
      await until('expiry', async () => (await text(key)) === undefined)
      const acquired = await shard.acquire(key, lease())
      expect(acquired.outcome !== 'value' && acquired.stale?.value.toString()).toBe('v')
    })

    describe('put', () => {
      it('overwrites, and kills a lease', async () => {
        const key = newKey()
        const own = lease()
        await shard.acquire(key, own)
        await shard.put(key, content('v'))
        expect((await shard.fill(key, own.token, content('old'))).outcome).toBe('lost')
        expect(await text(key)).toBe('v')
      })

      it('compares the version where it is asked to', async () => {
        const key = newKey()
        const first = await shard.put(key, content('v'))
        expect(await shard.put(key, content('w'), { ifVersion: first.version - 1 })).toEqual({
          outcome: 'version-mismatch',
          version: first.version,
        })
        expect(await text(key)).toBe('v')
        expect((await shard.put(key, content('w'), { ifVersion: first.version })).outcome).toBe('stored')
        expect(await text(key)).toBe('w')
      })

      it('stores over nothing only, with version 0', async () => {
        const key = newKey()
        expect((await shard.put(key, content('v'), { ifVersion: 0 })).outcome).toBe('stored')
        expect((await shard.put(key, content('w'), { ifVersion: 0 })).outcome).toBe('version-mismatch')
      })

      it('refuses to replace a version that was invalidated', async () => {
        const key = newKey()
        const first = await shard.put(key, content('v'))
        await shard.invalidate(key, { staleKeepMs: 0 })
        expect(await shard.put(key, content('w'), { ifVersion: first.version })).toEqual({
          outcome: 'version-mismatch',
          version: 0,
        })
      })
    })

    it('gives the refresh lock to one at a time, and again after its end', async () => {
      const key = newKey()
      expect(await shard.lock(key, 30)).toBe(true)
      expect(await shard.lock(key, 30)).toBe(false)
      await under.elapse(31)
      await until('the end of a lock', () => shard.lock(key, 30))
    })

    it('tells that it is up', () => {
      expect(shard.state()).toMatchObject({ up: true })
    })
  })
}
