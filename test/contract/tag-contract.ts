import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TagRef } from '../../src/base/tag-ref.ts'
import { encodeEpochs } from '../../src/store/epoch.ts'
import type { Shard } from '../../src/store/shard.ts'
import { content } from '../support/content.ts'
import { lease, type ShardUnderTest, token } from './shard-contract.ts'

const TTL_MS = 60_000
const EVER = { notBefore: Number.NEGATIVE_INFINITY }

/** What every implementation of `Shard` keeps to where values carry tags, and tags have their records on it. */
export function tagContract(name: string, open: () => Promise<ShardUnderTest>): void {
  describe(`${name} keeps the contract of tags`, () => {
    let under: ShardUnderTest
    let shard: Shard
    let count = 0
    const newKey = () => `test:k:v1::${count++}`
    const newTag = () => `test:k:v1:~t::${count++}`
    const tags: readonly TagRef[] = [
      { tag: 'a', epoch: 2 ** 52 + 1, sinceUs: 1_700_000_000_000_001 },
      { tag: 'größe', epoch: 1, sinceUs: 0 },
    ]

    beforeAll(async () => {
      under = await open()
      shard = under.shard
    })
    afterAll(() => under.stop())

    const keep = (tag: string, changes: { least?: number; epoch?: number } = {}) =>
      shard.ask(tag, 'keepTag', ({ epoch }) => ({ key: tag, epoch, least: 0, ttlMs: TTL_MS, ...changes }))
    const stampOf = async (tag: string): Promise<number | undefined> => {
      const read = await shard.read(tag)
      return read.found ? read.entry.version : undefined
    }

    it('gives the tags of a value back with it, however it was stored', async () => {
      const [put, filled] = [newKey(), newKey()]
      await shard.put(put, content('v', { tags }))
      const own = token()
      await shard.acquire(filled, lease(TTL_MS, own))
      await shard.fill(filled, own, content('v', { tags }))
      expect(await shard.read(put)).toMatchObject({ found: true, entry: { tags, value: Buffer.from('v') } })
      expect(await shard.read(filled)).toMatchObject({ found: true, entry: { tags } })
    })

    it('forgets them with the value that carried them', async () => {
      const key = newKey()
      await shard.put(key, content('v', { tags }))
      await shard.put(key, content('w'))
      const read = await shard.read(key)
      expect(read.found && read.entry.tags).toBeUndefined()
    })

    it('keeps them with what can still be had stale', async () => {
      const key = newKey()
      const own = token()
      await shard.put(key, content('v', { tags, staleKeepMs: TTL_MS }))
      await shard.invalidate(key, { staleKeepMs: TTL_MS })
      expect(await shard.acquire(key, lease(TTL_MS, own))).toMatchObject({ outcome: 'granted', stale: { tags } })
      await shard.release(key, own)
      expect(await shard.acquire(key, lease())).toMatchObject({ outcome: 'granted', stale: { tags } })
    })

    it('keeps them where a value is written through that comes without any', async () => {
      const key = newKey()
      const own = token()
      await shard.put(key, content('v', { tags }))
      await shard.intend(key, { token: own, ttlMs: TTL_MS })
      const settled = await shard.settle(key, { token: own, staleKeepMs: 0, content: content('w') })
      expect(settled.outcome).toBe('stored')
      expect(await shard.read(key)).toMatchObject({ found: true, entry: { tags, value: Buffer.from('w') } })
    })

    it('keeps them with copies', async () => {
      const copy = `test:k:v1:~c1::${count++}`
      const granted = await shard.leaseCopy(copy, TTL_MS)
      if (granted === undefined) throw new Error('no lease')
      const { sentAt: asOf } = await shard.read(copy)
      const entry = { kind: 'value', value: Buffer.from('v'), version: 7, ageMs: 0, softTtlMs: undefined } as const
      await shard.fillCopy(copy, granted, { entry: { ...entry, ttlMs: TTL_MS, tags }, asOf, lifeMs: TTL_MS })
      expect((await shard.readCopy(copy, EVER))?.entry.tags).toEqual(tags)
    })

    it('begins a record with a stamp before its own time, and keeps that stamp', async () => {
      const tag = newTag()
      expect(await stampOf(tag)).toBeUndefined()
      await under.elapse(2)
      const first = await keep(tag)
      expect(first.value.outcome).toBe('kept')
      expect(first.value.stampUs).toBeLessThan(first.serverUs ?? 0)
      expect((await keep(tag)).value).toEqual(first.value)
      const read = await shard.read(tag)
      expect(read).toMatchObject({ found: true, entry: { version: first.value.stampUs } })
      expect(read.found && read.entry.value).toEqual(encodeEpochs(first.epoch))
    })

    it('has no record of a tag that was invalidated, until it is asked to keep one with that stamp', async () => {
      const tag = newTag()
      await keep(tag)
      const stamp = await shard.invalidate(tag, { staleKeepMs: 0 })
      expect(await stampOf(tag)).toBeUndefined()
      expect((await keep(tag)).value).toEqual({ outcome: 'kept', stampUs: stamp })
      expect(await stampOf(tag)).toBe(stamp)
    })

    it('does not begin anew before what a record held that was lost', async () => {
      const tag = newTag()
      const stamp = await shard.invalidate(tag, { staleKeepMs: 0 })
      await shard.dropCopy(tag)
      expect((await keep(tag)).value.stampUs).toBeGreaterThanOrEqual(stamp)
    })

    it('lets nothing be stored under a tag while a hold of it stands', async () => {
      const tag = newTag()
      await shard.invalidate(tag, { staleKeepMs: 0, holdMs: TTL_MS })
      const held = await keep(tag)
      expect(held.value.outcome).toBe('held')
      expect(held.value.stampUs).toBeGreaterThan(held.serverUs ?? 0)
      expect(await stampOf(tag)).toBeUndefined()
    })

    it('counts the end of a hold as a stamp', async () => {
      const tag = newTag()
      const stamp = await shard.invalidate(tag, { staleKeepMs: 0, holdMs: 5 })
      await under.elapse(10)
      const { stampUs } = (await keep(tag)).value
      expect(stampUs).toBeGreaterThan(stamp)
      expect(await stampOf(tag)).toBe(stampUs)
    })

    it('says that it knows nothing of another epoch than the present one, and changes nothing', async () => {
      const tag = newTag()
      const { value, serverUs } = await keep(tag, { epoch: 5 })
      expect(value).toEqual({ outcome: 'unknown', stampUs: serverUs })
      expect(await stampOf(tag)).toBeUndefined()
    })

    it('takes a stamp for that of an earlier ring if it lies before the least one that counts', async () => {
      const tag = newTag()
      const first = await keep(tag)
      const least = (first.serverUs ?? 0) + 1
      expect((await keep(tag, { least })).value).toEqual({ outcome: 'kept', stampUs: least })
      expect(await stampOf(tag)).toBe(least)
    })
  })
}
