import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PutBehind, SettleBacklog, TakeBacklog, TakenBacklog } from '../../src/store/backlog.ts'
import type { ResultOf } from '../../src/store/operations.ts'
import type { Shard } from '../../src/store/shard.ts'
import { content } from '../support/content.ts'
import { increment } from './counter-contract.ts'
import type { ShardUnderTest } from './shard-contract.ts'

const subjectOf = (key: string) => ({ keyspace: 'k', tenant: '', key })
const MINE = Buffer.alloc(16, 1)
const ANOTHER = Buffer.alloc(16, 2)
const PLACE = { backlog: 'test:~behind', maxBacklog: 1_000 }

/** A backlog, as the test asks for it. */
export class BacklogUnderTest {
  readonly #shard: Shard
  readonly #place: { readonly backlog: string; readonly maxBacklog: number }

  constructor(shard: Shard, place = PLACE) {
    this.#shard = shard
    this.#place = place
  }

  put(key: string, text: string, changes: Partial<PutBehind> = {}): Promise<ResultOf<'putBehind'>> {
    const put = { key, ...this.#place, subject: subjectOf(key), kind: 'value', value: Buffer.from(text) } as const
    return this.#shard.change(key, 'putBehind', (now) => ({ ...now, ...put, ...changes }))
  }

  add(key: string, delta: bigint): Promise<ResultOf<'increment'>> {
    return increment(this.#shard, key, { delta, place: { ...this.#place, subject: subjectOf(key) } })
  }

  async take(changes: Partial<TakeBacklog> = {}): Promise<TakenBacklog> {
    const { backlog } = this.#place
    const usual = { backlog, lease: `${backlog}:lease`, token: MINE, leaseTtlMs: 60_000, after: '' }
    const most = { most: 100, mostBytes: 1 << 20 }
    return (await this.#shard.ask(backlog, 'takeBacklog', () => ({ ...usual, ...most, ...changes }))).value
  }

  async settle(key: string, ids: readonly string[], version: number, changes: Partial<SettleBacklog> = {}) {
    const settle = { key, backlog: this.#place.backlog, subject: subjectOf(key), ids, version, how: 'stored' } as const
    const lives = { ttlMs: 60_000, softTtlMs: undefined, staleKeepMs: 0 }
    const asked = await this.#shard.ask(key, 'settleBacklog', ({ epoch, floor }) => ({
      ...settle,
      ...lives,
      floor,
      epochs: [epoch],
      ...changes,
    }))
    return asked.value
  }

  async clear(): Promise<void> {
    const { records } = await this.take()
    for (const { physicalKey, id, version } of records)
      await this.settle(physicalKey, [id], version, { how: 'refused' })
  }
}

/** What every implementation of `Shard` does with what its origin hears of later. */
export function backlogContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} keeps a backlog`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let backlog: BacklogUnderTest
    let count = 0
    const newKey = () => `test:k:v1::${count++}`

    beforeAll(async () => {
      under = await open()
      shard = under.shard
      backlog = new BacklogUnderTest(shard)
    })
    afterAll(() => under.stop())

    async function text(key: string): Promise<string | undefined> {
      const read = await shard.read(key)
      return read.found ? read.entry.value.toString() : undefined
    }

    it('of what was put, beside the entry, in the order in which it came', async () => {
      const [a, b] = [newKey(), newKey()]
      const first = await backlog.put(a, 'one')
      await backlog.put(b, 'gone', { kind: 'negative', value: Buffer.alloc(0) })
      const last = await backlog.put(a, 'two')
      expect(await text(a)).toBe('two')
      const { records, ...told } = await backlog.take()
      expect(told).toMatchObject({ outcome: 'taken', size: 3 })
      expect(records.map(({ id: _, value, ...record }) => ({ ...record, value: String(value) }))).toMatchObject([
        { ...subjectOf(a), physicalKey: a, change: 'value', version: first.version, value: 'one' },
        { ...subjectOf(b), physicalKey: b, change: 'deleted', value: '' },
        { ...subjectOf(a), change: 'value', version: last.version, value: 'two' },
      ])
      await backlog.clear()
      expect((await backlog.take()).size).toBe(0)
    })

    it('up to its bound, beyond which nothing is changed', async () => {
      const narrow = new BacklogUnderTest(shard, { backlog: 'test:~narrow', maxBacklog: 2 })
      const [key, counter] = [newKey(), newKey()]
      await narrow.put(key, 'one')
      await narrow.put(key, 'two')
      expect(await narrow.put(key, 'three')).toStrictEqual({ outcome: 'full', version: 0 })
      expect(await narrow.add(counter, 1n)).toStrictEqual({ outcome: 'full', version: 0 })
      expect([await text(key), await text(counter)]).toStrictEqual(['two', undefined])
    })

    it('whose records one holder at a time is given, until its lease ends or is given back', async () => {
      await backlog.put(newKey(), 'x')
      await backlog.take({ leaseTtlMs: 300 })
      expect(await backlog.take({ token: ANOTHER })).toMatchObject({ outcome: 'busy', size: 1, records: [] })
      await under.elapse(301)
      expect((await backlog.take({ token: ANOTHER })).records).toHaveLength(1)
      expect(await backlog.take()).toMatchObject({ outcome: 'busy' })
      await backlog.take({ token: ANOTHER, leaseTtlMs: 0 })
      expect(await backlog.take()).toMatchObject({ outcome: 'taken' })
      await backlog.clear()
    })

    it('that can be read in pieces, by number and by bytes', async () => {
      for (let i = 0; i < 40; i += 1) await backlog.put(newKey(), 'x'.repeat(100))
      const first = await backlog.take({ most: 25 })
      const second = await backlog.take({ after: first.records.at(-1)?.id ?? '' })
      expect([first.records.length, second.records.length]).toStrictEqual([25, 15])
      const third = await backlog.take({ after: second.records.at(-1)?.id ?? '' })
      expect(third).toMatchObject({ outcome: 'taken', size: 40, records: [] })
      expect((await backlog.take({ mostBytes: 1_000 })).records).toHaveLength(16)
      await backlog.clear()
    })

    it('whose entries do not expire, and live for their ttl from when the origin has them', async () => {
      const key = newKey()
      const { version } = await backlog.put(key, 'one')
      const pending = await shard.read(key)
      expect(pending.found && pending.entry.ttlMs).toBeGreaterThan(1e14)
      const [record] = (await backlog.take()).records
      expect(await backlog.settle(key, [record?.id ?? ''], version, { ttlMs: 300 })).toBe(true)
      const settled = await shard.read(key)
      expect(settled.found && settled.entry).toMatchObject({ version, value: Buffer.from('one') })
      expect(settled.found && settled.entry.ttlMs).toBeLessThanOrEqual(300)
      await under.elapse(301)
      expect(await text(key)).toBeUndefined()
    })

    it('whose entries neither an invalidation nor a load takes away', async () => {
      const key = newKey()
      const { version } = await backlog.put(key, 'one')
      expect(await shard.invalidate(key, { staleKeepMs: 0 })).toBe(version)
      const lease = { token: Buffer.alloc(16, 7), leaseTtlMs: 1_000 }
      expect(await shard.acquire(key, lease)).toMatchObject({ outcome: 'value' })
      expect(await shard.acquire(key, { ...lease, leastVersion: version + 1 })).toMatchObject({ outcome: 'busy' })
      expect(await text(key)).toBe('one')
      await backlog.clear()
    })

    it('that keeps an entry pending while a later version waits', async () => {
      const key = newKey()
      const first = await backlog.put(key, 'one')
      const second = await backlog.put(key, 'two')
      const [one, two] = (await backlog.take()).records
      expect(await backlog.settle(key, [one?.id ?? ''], first.version)).toBe(false)
      const read = await shard.read(key)
      expect(read.found && read.entry.ttlMs).toBeGreaterThan(1e14)
      expect(await backlog.settle(key, [two?.id ?? ''], second.version)).toBe(true)
      expect((await backlog.take()).size).toBe(0)
    })

    it('that takes away what may have been loaded before the origin had the change', async () => {
      const [key, other] = [newKey(), newKey()]
      const { version } = await backlog.put(key, 'one')
      await shard.put(key, content('from elsewhere'))
      const [record] = (await backlog.take()).records
      await backlog.settle(key, [record?.id ?? ''], version)
      expect(await text(key)).toBeUndefined()
      await shard.put(other, content('untouched'))
      expect(await text(other)).toBe('untouched')
    })

    it('that takes away what the origin refuses', async () => {
      const key = newKey()
      const { version } = await backlog.put(key, 'poison')
      const [record] = (await backlog.take()).records
      await backlog.settle(key, [record?.id ?? ''], version, { how: 'refused' })
      expect(await text(key)).toBeUndefined()
      expect((await backlog.take()).size).toBe(0)
    })

    it('with one record for a counter, until its sum has been flushed as it stands', async () => {
      const key = newKey()
      await backlog.add(key, 5n)
      const { version } = await backlog.add(key, 5n)
      const first = (await backlog.take()).records
      expect(first).toMatchObject([{ change: 'sum', physicalKey: key }])
      await backlog.add(key, 1n)
      expect(await backlog.settle(key, [first[0]?.id ?? ''], version)).toBe(false)
      const again = (await backlog.take()).records
      expect(again).toMatchObject([{ change: 'sum', physicalKey: key }])
      const read = await shard.read(key)
      const now = read.found ? read.entry : undefined
      expect([String(now?.value), (now?.ttlMs ?? 0) > 1e14]).toStrictEqual(['11', true])
      expect(await backlog.settle(key, [again[0]?.id ?? ''], now?.version ?? 0)).toBe(true)
      expect((await backlog.take()).size).toBe(0)
      const settled = await shard.read(key)
      expect(settled.found && settled.entry.ttlMs).toBeLessThanOrEqual(60_000)
      await backlog.add(key, 1n)
      expect((await backlog.take()).size).toBe(1)
      await backlog.clear()
    })

    it('with entries that count in whatever epoch, until the origin has them', async () => {
      const key = newKey()
      await backlog.add(key, 5n)
      const place = { ...PLACE, subject: subjectOf(key) }
      const elsewhen = { epochs: [77], quarantined: [], mayCreate: false }
      expect(await increment(shard, key, { ...elsewhen, place })).toMatchObject({ outcome: 'added', value: 6n })
      await backlog.clear()
    })

    it('of an entry of another epoch the origin is asked again once it has the change', async () => {
      const key = newKey()
      const { version } = await backlog.put(key, 'one')
      const [record] = (await backlog.take()).records
      await backlog.settle(key, [record?.id ?? ''], version, { epochs: [77] })
      expect(await text(key)).toBeUndefined()
    })
  })
}
