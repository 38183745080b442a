import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INT64_MAX, INT64_MIN } from '../../src/base/int64.ts'
import { type Increment, REQUEST_ID_BYTES, type ResultOf } from '../../src/store/operations.ts'
import type { Shard } from '../../src/store/shard.ts'
import { content } from '../support/content.ts'
import type { ShardUnderTest } from './shard-contract.ts'

const requestId = (text: string) => createHash('sha256').update(text).digest().subarray(0, REQUEST_ID_BYTES)
/** Another life of the shard's memory. */
const ELSEWHEN = 77

/** An addition of one to a counter of one minute, as the test wants it. */
export function increment(shard: Shard, key: string, changes: Partial<Increment> = {}): Promise<ResultOf<'increment'>> {
  const usual = { delta: 1n, initial: 0n, ttlMs: 60_000, staleKeepMs: 0, requestId: undefined, mayCreate: true }
  return shard.change(key, 'increment', (now) => ({ key, ...usual, ...now, ...changes }))
}

/** What every implementation of `Shard` does with counters. */
export function counterContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} counts`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newKey = () => `test:n:v1::${count++}`

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    async function text(key: string): Promise<string | undefined> {
      const read = await shard.read(key)
      return read.found ? read.entry.value.toString() : undefined
    }

    it('from what a counter starts with, and is read as decimal text', async () => {
      const key = newKey()
      expect(await increment(shard, key, { initial: 40n, delta: 2n })).toMatchObject({ outcome: 'added', value: 42n })
      expect(await increment(shard, key, { initial: 1_000n, delta: -50n })).toMatchObject({ value: -8n })
      expect(await text(key)).toBe('-8')
    })

    it('with versions that grow, as those of any change', async () => {
      const key = newKey()
      const versions = []
      for (let i = 0; i < 5; i += 1) versions.push((await increment(shard, key)).version)
      expect(versions).toStrictEqual([...new Set(versions)].sort((a, b) => a - b))
      expect(await shard.invalidate(key, { staleKeepMs: 0 })).toBeGreaterThan(versions.at(-1) as number)
    })

    it.each([
      [INT64_MAX, 0n],
      [INT64_MIN, 0n],
      [INT64_MAX - 1n, 1n],
      [INT64_MIN + 1n, -1n],
      [INT64_MIN, INT64_MAX],
      [2n ** 53n, 1n],
      [-(2n ** 53n), -1n],
      [999_999_999n, 1n],
      [-999_999_999n, -1n],
      [1_000_000_000n, -1n],
      [-1_000_000_000n, 1n],
      [-1n, 1_000_000_000n],
      [1n, -1_000_000_000n],
      [5n, -5n],
    ])('exactly: %d and %d', async (initial, delta) => {
      const key = newKey()
      expect(await increment(shard, key, { initial, delta })).toMatchObject({ value: initial + delta })
      expect(await text(key)).toBe(String(initial + delta))
      expect(await increment(shard, key, { delta: 0n })).toMatchObject({ value: initial + delta })
    })

    it.each([
      [INT64_MAX, 1n],
      [INT64_MIN, -1n],
      [INT64_MAX, INT64_MAX],
      [INT64_MIN, INT64_MIN],
    ])('not beyond 64 bits, which changes nothing: %d and %d', async (initial, delta) => {
      const key = newKey()
      await increment(shard, key, { initial, delta: 0n })
      expect(await increment(shard, key, { delta })).toStrictEqual({ outcome: 'overflow', version: 0 })
      expect(await text(key)).toBe(String(initial))
    })

    it('a repeated addition once, and answers it as it did before', async () => {
      const key = newKey()
      const first = await increment(shard, key, { delta: 5n, requestId: requestId('a') })
      await increment(shard, key, { delta: 10n, requestId: requestId('b') })
      await increment(shard, key, { delta: 100n })
      const again = await increment(shard, key, { delta: 5n, requestId: requestId('a') })
      expect([first, again]).toMatchObject([
        { outcome: 'added', value: 5n },
        { outcome: 'repeated', value: 5n },
      ])
      expect(await text(key)).toBe('115')
    })

    it('the last 512 ids, no more', async () => {
      const key = newKey()
      const id = (i: number) => requestId(`many-${i}`)
      for (let i = 0; i < 513; i += 1) await increment(shard, key, { requestId: id(i) })
      expect(await increment(shard, key, { requestId: id(1) })).toMatchObject({ outcome: 'repeated', value: 2n })
      expect(await increment(shard, key, { requestId: id(0) })).toMatchObject({ outcome: 'added', value: 514n })
    })

    it('on from a value that was stored, if it is a number', async () => {
      const [number, word] = [newKey(), newKey()]
      await shard.put(number, content('0041'))
      await shard.put(word, content('forty'))
      expect(await increment(shard, number)).toMatchObject({ value: 42n })
      expect(await increment(shard, word)).toStrictEqual({ outcome: 'no-counter', version: 0 })
      expect(await text(word)).toBe('forty')
    })

    it('nothing that is absent, where it may not begin, but over the word that the origin has none', async () => {
      const key = newKey()
      expect(await increment(shard, key, { mayCreate: false })).toStrictEqual({ outcome: 'absent', version: 0 })
      await shard.put(key, content('', { kind: 'negative' }))
      expect(await increment(shard, key, { mayCreate: false, initial: 7n })).toMatchObject({ value: 8n })
    })

    it('anew after an invalidation, which also forgets what was repeated', async () => {
      const key = newKey()
      await increment(shard, key, { delta: 5n, requestId: requestId('a') })
      await shard.invalidate(key, { staleKeepMs: 0 })
      expect(await text(key)).toBeUndefined()
      expect(await increment(shard, key, { delta: 5n, requestId: requestId('a') })).toMatchObject({ value: 5n })
    })

    it('with the time to live that it began with', async () => {
      const key = newKey()
      await increment(shard, key, { ttlMs: 300 })
      await under.elapse(200)
      await increment(shard, key, { ttlMs: 60_000 })
      await under.elapse(101)
      expect(await increment(shard, key)).toMatchObject({ value: 1n })
    })

    it('so that a fill whose lease it took is lost', async () => {
      const key = newKey()
      const token = Buffer.alloc(16, 9)
      await shard.acquire(key, { token, leaseTtlMs: 60_000 })
      await increment(shard, key)
      expect(await shard.fill(key, token, content('100'))).toStrictEqual({ outcome: 'lost' })
      expect(await text(key)).toBe('1')
    })

    it('nothing that comes later than its own deadline', async () => {
      const key = newKey()
      await expect(increment(shard, key, { tooLateMs: 1 })).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
      expect(await text(key)).toBeUndefined()
    })

    it('no entry of a memory that is in quarantine, and one that has ended as none', async () => {
      const key = newKey()
      await increment(shard, key, { delta: 9n })
      const inQuarantine = await shard.change(key, 'increment', ({ epochs, ...now }) => {
        const addition = {
          delta: 1n,
          initial: 0n,
          ttlMs: 60_000,
          staleKeepMs: 0,
          requestId: undefined,
          mayCreate: true,
        }
        return { key, ...addition, ...now, epochs: [ELSEWHEN], quarantined: epochs }
      })
      expect(inQuarantine).toStrictEqual({ outcome: 'unsettled', version: 0 })
      expect(await text(key)).toBe('9')
      expect(await increment(shard, key, { epochs: [ELSEWHEN], quarantined: [] })).toMatchObject({ value: 1n })
    })
  })
}
