import { describe, expect, it } from 'vitest'
import { UNKNOWN_FACTS } from '../../src/store/server-facts.ts'
import { content } from '../support/content.ts'
import { HEARTBEAT_MS, scriptedShard } from './scripted-shard.ts'

const BEATS_PER_INSPECTION = 10
const INSPECTION_MS = BEATS_PER_INSPECTION * HEARTBEAT_MS
const lease = () => ({ token: Buffer.alloc(16, 1), leaseTtlMs: 1_000, tracked: true })

describe('a shard whose tracking table is nearly full', () => {
  async function nearlyFull() {
    const made = await scriptedShard()
    made.server.facts = { ...UNKNOWN_FACTS, trackedKeys: 95, trackedKeysLimit: 100 }
    await made.clock.advance(INSPECTION_MS)
    return made
  }

  it('reads without tracking, so that what is kept is proven by nothing', async () => {
    const { shard } = await nearlyFull()
    await shard.put('k', content('v'))
    expect(await shard.read('k', { tracked: true })).toMatchObject({ found: true, proof: undefined })
    await shard.close()
  })

  it('tracks what waits for a lease all the same', async () => {
    const { shard } = await nearlyFull()
    await shard.acquire('k', { ...lease(), token: Buffer.alloc(16, 2) })
    expect(await shard.acquire('k', lease())).toMatchObject({ outcome: 'busy', tracked: true })
    let woken = 0
    shard.watch('k', () => {
      woken += 1
    })
    await shard.put('k', content('v'))
    expect(woken).toBe(1)
    await shard.close()
  })

  it('says so, until there is room again', async () => {
    const { clock, server, shard } = await nearlyFull()
    expect(shard.state()).toMatchObject({ up: true, warnings: [expect.stringContaining('tracking table')] })
    server.facts = { ...UNKNOWN_FACTS, trackedKeys: 50, trackedKeysLimit: 100 }
    await clock.advance(INSPECTION_MS)
    expect(shard.state()).toEqual({ up: true, warnings: [] })
    await shard.put('k', content('v'))
    expect(await shard.read('k', { tracked: true })).toMatchObject({ proof: { lost: false } })
    await shard.close()
  })
})

describe('a shard that answers requests, but no heartbeats', () => {
  async function heartless() {
    const made = await scriptedShard()
    await made.shard.put('k', content('v'))
    const heardAt = made.clock.now()
    made.server.ignored.add('beat')
    await made.clock.advance(2 * HEARTBEAT_MS)
    return { ...made, heardAt }
  }

  it('is believed up to the last heartbeat, by a reader who bears that', async () => {
    const { shard, heardAt } = await heartless()
    expect(await shard.read('k', { notBefore: heardAt })).toMatchObject({ found: true, asOf: heardAt })
    expect(await shard.acquire('k', { ...lease(), notBefore: heardAt })).toMatchObject({ asOf: heardAt })
  })

  it('acknowledges no change any more when another may have taken its place, though it makes it', async () => {
    const { clock, shard } = await heartless()
    expect(await shard.put('k', content('w'))).toMatchObject({ outcome: 'stored' })
    await clock.advance(1_001)
    const refused = { reason: 'SHARD_UNAVAILABLE' }
    await expect(shard.invalidate('k', { staleKeepMs: 0 })).rejects.toMatchObject(refused)
    await expect(shard.put('k', content('x'))).rejects.toMatchObject(refused)
  })

  it('gives no answer to a reader who does not, and none of a miss either', async () => {
    const { shard, heardAt } = await heartless()
    const refused = { reason: 'SHARD_UNAVAILABLE' }
    for (const key of ['k', 'absent']) {
      await expect(shard.read(key, { notBefore: heardAt + 1 })).rejects.toMatchObject(refused)
      await expect(shard.acquire(key, { ...lease(), notBefore: heardAt + 1 })).rejects.toMatchObject(refused)
    }
  })
})
