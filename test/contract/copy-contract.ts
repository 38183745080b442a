import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Entry } from '../../src/base/entry.ts'
import type { CopyLease } from '../../src/store/copy-lease.ts'
import type { Shard } from '../../src/store/shard.ts'
import { until } from '../support/until.ts'
import type { ShardUnderTest } from './shard-contract.ts'

const EVER = { notBefore: Number.NEGATIVE_INFINITY }
const LONG_MS = 60_000

/** What a primary answered of a key. */
const entryOf = (changes: Partial<Entry> = {}): Entry => ({
  kind: 'value',
  value: Buffer.from('v'),
  version: 7,
  ageMs: 5_000,
  softTtlMs: undefined,
  ttlMs: LONG_MS,
  ...changes,
})

/** What every implementation of `Shard` keeps to where copies of keys lie on it that have their home elsewhere. */
export function copyContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} keeps the contract of copies`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newName = () => `test:k:v1:~c1::${count++}`

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    /** The moment on this sidecar's clock. */
    const now = async () => (await shard.read('test:k:v1::clock')).sentAt

    async function leased(copy: string, ttlMs = LONG_MS): Promise<CopyLease> {
      const lease = await shard.leaseCopy(copy, ttlMs)
      if (lease === undefined) throw new Error('no lease')
      return lease
    }

    async function filled(copy: string, changes: Partial<Entry> = {}, lifeMs = LONG_MS): Promise<void> {
      const lease = await leased(copy)
      const entry = entryOf(changes)
      if (!(await shard.fillCopy(copy, lease, { entry, asOf: await now(), lifeMs }))) throw new Error('not filled')
    }

    it('finds no copy that nobody has filled, nor one that is only leased', async () => {
      const copy = newName()
      expect(await shard.readCopy(copy, EVER)).toBeUndefined()
      await leased(copy)
      expect(await shard.readCopy(copy, EVER)).toBeUndefined()
    })

    it("reads a copy with the primary's bytes, version and ends, and nothing that goes on vouching for it", async () => {
      const copy = newName()
      await filled(copy, { value: Buffer.from([0, 255, 10]), version: 7, softTtlMs: 20_000, ttlMs: 40_000 })
      const found = await shard.readCopy(copy, EVER)
      expect(found).toMatchObject({ proof: undefined, entry: { kind: 'value', version: 7 } })
      expect(found?.entry.value).toEqual(Buffer.from([0, 255, 10]))
      expect(found?.entry.softTtlMs).toBeLessThanOrEqual(20_000)
      expect(found?.entry.ttlMs).toBeLessThanOrEqual(40_000)
      expect(found?.entry.ttlMs).toBeGreaterThan(20_000)
      expect(found?.entry.ageMs).toBeGreaterThanOrEqual(5_000)
    })

    it('copies a negative as a negative', async () => {
      const copy = newName()
      await filled(copy, { kind: 'negative', value: Buffer.alloc(0) })
      expect(await shard.readCopy(copy, EVER)).toMatchObject({ entry: { kind: 'negative' } })
    })

    it('takes a copy to be as old as its lease, however late it was filled and read', async () => {
      const copy = newName()
      const before = await now()
      const lease = await leased(copy)
      const after = await now()
      await under.elapse(50)
      await shard.fillCopy(copy, lease, { entry: entryOf(), asOf: await now(), lifeMs: LONG_MS })
      await under.elapse(50)
      const found = await shard.readCopy(copy, EVER)
      expect(found?.asOf).toBeLessThanOrEqual(after)
      expect(found?.asOf).toBeGreaterThan(before - 20_000)
    })

    it("takes it to be as old as the primary's answer where that is older", async () => {
      const copy = newName()
      const asOf = (await now()) - 5_000
      await shard.fillCopy(copy, await leased(copy), { entry: entryOf(), asOf, lifeMs: LONG_MS })
      expect((await shard.readCopy(copy, EVER))?.asOf).toBeLessThanOrEqual(asOf)
    })

    it('does not answer with a copy that is older than is asked for', async () => {
      const copy = newName()
      await filled(copy)
      const { asOf } = (await shard.readCopy(copy, EVER)) as { asOf: number }
      await under.elapse(30)
      expect(await shard.readCopy(copy, { notBefore: await now() })).toBeUndefined()
      expect(await shard.readCopy(copy, { notBefore: asOf - 20_000 })).toBeDefined()
    })

    it('gives the lease to one at a time, and to nobody while the copy is there', async () => {
      const copy = newName()
      const lease = await leased(copy)
      expect(await shard.leaseCopy(copy, LONG_MS)).toBeUndefined()
      await shard.fillCopy(copy, lease, { entry: entryOf(), asOf: await now(), lifeMs: LONG_MS })
      expect(await shard.leaseCopy(copy, LONG_MS)).toBeUndefined()
    })

    it('passes the lease of a dead holder on, whose fill is lost then', async () => {
      const copy = newName()
      const dead = await leased(copy, 30)
      await under.elapse(31)
      await leased(copy)
      const content = { entry: entryOf(), asOf: await now(), lifeMs: LONG_MS }
      expect(await shard.fillCopy(copy, dead, content)).toBe(false)
      expect(await shard.readCopy(copy, EVER)).toBeUndefined()
    })

    it('removes a copy', async () => {
      const copy = newName()
      await filled(copy)
      await shard.dropCopy(copy)
      expect(await shard.readCopy(copy, EVER)).toBeUndefined()
    })

    it('loses a fill that a drop has overtaken, also where another has the lease by then', async () => {
      const copy = newName()
      const [first, content] = [await leased(copy), { entry: entryOf(), asOf: await now(), lifeMs: LONG_MS }]
      await shard.dropCopy(copy)
      expect(await shard.fillCopy(copy, first, content)).toBe(false)
      const second = await leased(copy)
      expect(await shard.fillCopy(copy, first, content)).toBe(false)
      expect(await shard.readCopy(copy, EVER)).toBeUndefined()
      expect(await shard.fillCopy(copy, second, content)).toBe(true)
    })

    it('is filled once with one lease', async () => {
      const copy = newName()
      const lease = await leased(copy)
      const content = { entry: entryOf(), asOf: await now(), lifeMs: LONG_MS }
      expect(await shard.fillCopy(copy, lease, content)).toBe(true)
      expect(await shard.fillCopy(copy, lease, content)).toBe(false)
    })

    it('ends at the end of its life, which counts from what it is known to be current as of', async () => {
      const copy = newName()
      const asOf = (await now()) - 5_000
      const content = { entry: entryOf(), asOf, lifeMs: 25_000 }
      await shard.fillCopy(copy, await leased(copy), content)
      expect((await shard.readCopy(copy, EVER))?.entry.ttlMs).toBeLessThanOrEqual(20_000)
      const short = newName()
      await filled(short, {}, 300)
      await under.elapse(301)
      await until('the end of a copy', async () => (await shard.readCopy(short, EVER)) === undefined)
      await leased(short)
    })

    it('ends with what it is a copy of, where that is sooner', async () => {
      const copy = newName()
      await filled(copy, { ttlMs: 300 })
      await under.elapse(301)
      await until('the end of a copy', async () => (await shard.readCopy(copy, EVER)) === undefined)
    })

    it('stores nothing that would be over already, and lets the next one try at once', async () => {
      const copy = newName()
      const content = { entry: entryOf(), asOf: (await now()) - 10_000, lifeMs: 5_000 }
      expect(await shard.fillCopy(copy, await leased(copy), content)).toBe(false)
      await leased(copy)
    })

    it('takes a value that has no as_of for no copy', async () => {
      const copy = newName()
      const own = Buffer.alloc(16, 1)
      await shard.acquire(copy, { token: own, leaseTtlMs: LONG_MS })
      const value = { kind: 'value', value: Buffer.from('v'), ttlMs: LONG_MS } as const
      await shard.fill(copy, own, { ...value, softTtlMs: undefined, staleKeepMs: 0, loadedAgoMs: 0, loadCostMs: 0 })
      expect(await shard.readCopy(copy, EVER)).toBeUndefined()
    })
  })
}
