import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Compression } from '../../src/keyspace/compression.ts'
import type { Shard } from '../../src/store/shard.ts'
import type { StoredContent } from '../../src/store/stored-content.ts'
import { content } from '../support/content.ts'
import { BacklogUnderTest } from './backlog-contract.ts'
import { lease, type ShardUnderTest, token } from './shard-contract.ts'

const COMPRESS: Compression = { algorithm: 'deflate', aboveBytes: 100 }
const TEXT = 'a value that says the same again and again, '.repeat(400)
const EVER = { notBefore: Number.NEGATIVE_INFINITY }

/** What every implementation of `Shard` does with values that are stored compressed. */
export function compressionContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} keeps compressed values`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newKey = () => `test:k:v1::small${count++}`
    const compressed = (text = TEXT, changes = {}) => content(text, { compress: COMPRESS, ...changes })

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    async function text(key: string): Promise<string | undefined> {
      const read = await shard.read(key)
      return read.found ? read.entry.value.toString() : undefined
    }

    /** How many bytes the server holds of the key's value, and whether they are said to be compressed. */
    async function stored(key: string) {
      const { value: record } = await shard.ask(key, 'get', () => ({ key }))
      if (record === undefined || record === 'malformed') throw new Error('no record')
      return { bytes: record.payload.length, isPacked: record.packed !== undefined }
    }

    /** Stores bytes as compressed that are what the test says. */
    async function store(key: string, value: Buffer, packed: StoredContent['packed']): Promise<void> {
      const damaged = { ...content(''), value, packed }
      await shard.ask(key, 'put', ({ epoch, floor, tooLateMs }) => {
        return { key, ifVersion: undefined, epochs: [epoch], floor, tooLateMs, content: damaged }
      })
    }

    it('that were put, and reads them as they were', async () => {
      const key = newKey()
      await shard.put(key, compressed())
      expect(await text(key)).toBe(TEXT)
      const { bytes, isPacked } = await stored(key)
      expect(isPacked).toBe(true)
      expect(bytes).toBeLessThan(TEXT.length / 10)
    })

    it('but not small ones, nor those that would not become smaller', async () => {
      const [small, stubborn] = [newKey(), newKey()]
      const random = token().toString('latin1')
      await shard.put(small, compressed('x'.repeat(100)))
      await shard.put(
        stubborn,
        content('', { value: Buffer.from(random, 'latin1'), compress: { ...COMPRESS, aboveBytes: 1 } }),
      )
      expect(await stored(small)).toEqual({ bytes: 100, isPacked: false })
      expect(await stored(stubborn)).toEqual({ bytes: 16, isPacked: false })
      expect((await text(small))?.length).toBe(100)
    })

    it('that were filled under a lease', async () => {
      const key = newKey()
      const own = lease()
      await shard.acquire(key, own)
      expect((await shard.fill(key, own.token, compressed())).outcome).toBe('filled')
      expect((await stored(key)).isPacked).toBe(true)
      const acquired = await shard.acquire(key, lease())
      expect(acquired.outcome === 'value' && acquired.entry.value.toString()).toBe(TEXT)
    })

    it('that were written through, with what stood there before until then', async () => {
      const key = newKey()
      await shard.put(key, compressed('before '.repeat(100)))
      const own = token()
      await shard.intend(key, { token: own, ttlMs: 60_000 })
      expect(await text(key)).toBe('before '.repeat(100))
      const { outcome } = await shard.settle(key, { token: own, staleKeepMs: 0, content: compressed() })
      expect([outcome, await text(key)]).toEqual(['stored', TEXT])
      expect((await stored(key)).isPacked).toBe(true)
    })

    it('over an intent of which another attempt has been told, as a value', async () => {
      const key = newKey()
      await shard.put(key, compressed())
      await shard.intend(key, { token: token(), ttlMs: 60_000 })
      expect((await shard.put(key, compressed('other '.repeat(100)))).outcome).toBe('held')
      expect(await text(key)).toBe(TEXT)
    })

    it('and keeps their versions, for those who store over one of them only', async () => {
      const key = newKey()
      const { version } = await shard.put(key, compressed())
      expect(await shard.put(key, compressed(), { ifVersion: 0 })).toEqual({ outcome: 'version-mismatch', version })
      const next = await shard.put(key, content('plain'), { ifVersion: version })
      expect([next.outcome, await text(key)]).toEqual(['stored', 'plain'])
    })

    it('as copies of hot keys', async () => {
      const copy = `test:k:v1:~c1::${count++}`
      const taken = await shard.leaseCopy(copy, 60_000)
      if (taken === undefined) throw new Error('no lease')
      const { sentAt: asOf } = await shard.read(copy)
      const entry = { kind: 'value', value: Buffer.from(TEXT), version: 7, ageMs: 0, softTtlMs: undefined } as const
      const filled = { entry: { ...entry, ttlMs: 60_000 }, asOf, lifeMs: 60_000, compress: COMPRESS }
      expect(await shard.fillCopy(copy, taken, filled)).toBe(true)
      expect((await stored(copy)).isPacked).toBe(true)
      const found = await shard.readCopy(copy, EVER)
      expect([found?.entry.value.toString(), found?.entry.version]).toEqual([TEXT, 7])
    })

    it('for those who take something stale, once they were invalidated', async () => {
      const key = newKey()
      const { version } = await shard.put(key, compressed())
      await shard.invalidate(key, { staleKeepMs: 60_000 })
      expect(await text(key)).toBeUndefined()
      expect((await stored(key)).isPacked).toBe(true)
      for (const outcome of ['granted', 'busy']) {
        const acquired = await shard.acquire(key, lease())
        expect(acquired.outcome).toBe(outcome)
        const stale = acquired.outcome === 'value' ? undefined : acquired.stale
        expect([stale?.value.toString(), stale?.version]).toEqual([TEXT, version])
      }
    })

    it('that an origin has been told of, and as they are those that wait for that', async () => {
      const key = newKey()
      const backlog = new BacklogUnderTest(shard, { backlog: 'test:~small', maxBacklog: 100 })
      const { version } = await backlog.put(key, TEXT)
      const { records } = await backlog.take()
      const ids = records.filter(({ physicalKey }) => physicalKey === key).map(({ id }) => id)
      expect(await stored(key)).toEqual({ bytes: TEXT.length, isPacked: false })
      const value = Buffer.from(TEXT)
      const packed = { codec: 1, bytes: value.length, checksum: crc32(value) }
      await backlog.settle(key, ids, version, { smaller: { payload: deflateRawSync(value), packed } })
      expect((await stored(key)).isPacked).toBe(true)
      expect(await text(key)).toBe(TEXT)
      expect(await shard.read(key)).toMatchObject({ found: true, entry: { version } })
    })

    describe('and where nothing can be made of one', () => {
      const damaged = { codec: 1, bytes: 1_000, checksum: 5 }

      it('finds nothing, and grants a lease over it, for a fill that mends it', async () => {
        const key = newKey()
        await store(key, Buffer.from('no such thing'), damaged)
        expect(await shard.read(key)).toMatchObject({ found: false })
        const own = lease()
        const acquired = await shard.acquire(key, own)
        expect(acquired).toMatchObject({ outcome: 'granted', stale: undefined })
        expect((await shard.fill(key, own.token, compressed())).outcome).toBe('filled')
        expect(await text(key)).toBe(TEXT)
      })

      it('has nothing stale to give', async () => {
        const key = newKey()
        await store(key, Buffer.from('no such thing'), damaged)
        await shard.invalidate(key, { staleKeepMs: 60_000 })
        expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'granted', stale: undefined })
        expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'busy', stale: undefined })
      })

      it('takes a copy away, so that it can be filled anew', async () => {
        const copy = `test:k:v1:~c1::${count++}`
        const taken = await shard.leaseCopy(copy, 60_000)
        if (taken === undefined) throw new Error('no lease')
        await shard.ask(copy, 'fillCopy', ({ epoch, serverMs }) => ({
          ...{ key: copy, token: taken.token, epoch, kind: 'value', version: 7, loadedAtMs: serverMs, softAtMs: 0 },
          ...{ hardAtMs: serverMs + 60_000, asOfMs: taken.atMs, value: Buffer.from('no such thing'), packed: damaged },
        }))
        expect((await stored(copy)).isPacked).toBe(true)
        expect(await shard.readCopy(copy, EVER)).toBeUndefined()
        expect(await shard.leaseCopy(copy, 60_000)).toBeDefined()
      })
    })
  })
}
