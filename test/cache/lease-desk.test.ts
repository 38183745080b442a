import { describe, expect, it } from 'vitest'
import { NOBODY } from '../../src/cache/cache.ts'
import { Errand } from '../../src/cache/errand.ts'
import type { LoadedLanding } from '../../src/cache/loads.ts'
import type { Lookup } from '../../src/cache/lookup.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { content } from '../support/content.ts'
import { LEASE_TTL_MS, MAX_VALUE_BYTES, productPolicy } from '../support/use-cases.ts'

const WAIT_MS = 60_000
const UNTRACKED_MS = 50
const SPREAD_MS = 10
const KEY = 'test:product:v1::1'
const HOLDER = Buffer.alloc(16, 1)
const WAITER = Buffer.alloc(16, 2)

/** The desk of one sidecar over a shard on which another holds the lease of a key. */
async function rig({ tracked = true, waitMs = WAIT_MS, leaseTtlMs = LEASE_TTL_MS } = {}) {
  const made = await cacheRig({}, { tracked, waitMs })
  const { clock, shard, leases } = made
  const lookup: Lookup = {
    policy: productPolicy(),
    physicalKey: KEY,
    key: '1',
    tenant: '',
    begunAt: clock.now(),
    notBefore: clock.now(),
    leastVersion: 0,
    gather: undefined,
    reader: NOBODY,
    answerBy: Number.POSITIVE_INFINITY,
  }
  await shard.acquire(KEY, { token: HOLDER, leaseTtlMs })
  shard.acquires = 0
  const fill = async () => expect(await shard.fill(KEY, HOLDER, content('v'))).toMatchObject({ outcome: 'filled' })
  return { ...made, lookup, fill, wait: () => leases.wait(lookup, WAITER, new Errand(lookup)) }
}

describe('who waits for a lease', () => {
  it('asks nothing while it stands, and has the value without any time passing once it is filled', async () => {
    const { clock, shard, leases, fill, wait } = await rig()
    const waited = wait()
    await clock.advance(LEASE_TTL_MS - 1)
    expect(shard.acquires).toBe(1)
    await fill()
    expect(await waited).toMatchObject({ outcome: 'value', entry: { value: Buffer.from('v') } })
    expect([shard.acquires, clock.now(), leases.results.value]).toEqual([2, LEASE_TTL_MS - 1, 1])
  })

  it('has it also where the news of the fill overtakes the answer that says that there is none', async () => {
    const { clock, shard, fill, wait } = await rig()
    let arrives: () => void = () => undefined
    shard.acquiresWaitFor = new Promise((resolve) => {
      arrives = resolve
    })
    const waited = wait()
    await clock.advance(0)
    await fill()
    arrives()
    expect(await waited).toMatchObject({ outcome: 'value' })
    expect([shard.acquires, clock.now()]).toEqual([2, 0])
  })

  it('has the lease when the holder loses it to an invalidation', async () => {
    const { clock, shard, wait } = await rig()
    const waited = wait()
    await clock.advance(0)
    await shard.invalidate(KEY, { staleKeepMs: 0 })
    expect(await waited).toMatchObject({ outcome: 'granted' })
    expect(shard.acquires).toBe(2)
  })

  it('has the lease as soon as the holder gives it back', async () => {
    const { clock, shard, leases, wait } = await rig()
    const waited = wait()
    await clock.advance(10)
    await shard.release(KEY, HOLDER)
    expect(await waited).toMatchObject({ outcome: 'granted' })
    expect([shard.acquires, clock.now(), leases.results.granted]).toEqual([2, 10, 1])
  })

  it('has the lease when that ends because its holder died', async () => {
    const { clock, shard, wait } = await rig()
    const waited = wait()
    await clock.advance(LEASE_TTL_MS + 1 + SPREAD_MS)
    expect(await waited).toMatchObject({ outcome: 'granted' })
    expect(shard.acquires).toBe(2)
  })

  it('waits on for the one of them who took it over', async () => {
    const { clock, shard, leases, lookup, wait } = await rig()
    const first = wait()
    const second = leases.wait(lookup, Buffer.alloc(16, 3), new Errand(lookup))
    await clock.advance(10)
    await shard.release(KEY, HOLDER)
    expect(await first).toMatchObject({ outcome: 'granted' })
    await clock.advance(LEASE_TTL_MS - 1)
    expect(shard.acquires).toBe(4)
    await shard.fill(KEY, WAITER, content('v'))
    expect(await second).toMatchObject({ outcome: 'value' })
  })

  it('looks every 50 ms where nothing would tell of a change', async () => {
    const { clock, shard, fill, wait } = await rig({ tracked: false })
    const waited = wait()
    await clock.advance(10 * UNTRACKED_MS)
    expect(shard.acquires).toBe(11)
    await fill()
    await clock.advance(UNTRACKED_MS)
    expect(await waited).toMatchObject({ outcome: 'value' })
  })

  it('does not wait where nothing that is loaded may be stored', async () => {
    const { shard, clock, leases, wait } = await rig()
    await shard.invalidate(KEY, { staleKeepMs: 0, holdMs: 1_000 })
    await shard.acquire(KEY, { token: HOLDER, leaseTtlMs: LEASE_TTL_MS })
    expect(await wait()).toMatchObject({ outcome: 'busy', holdMs: 1_000 })
    expect([clock.now(), leases.results.busy]).toEqual([0, 1])
  })

  it('gives up after the longest time to wait, with the time for which the lease still stands', async () => {
    const { clock, leases, wait } = await rig({ waitMs: 1_000 })
    const refused = expect(wait()).rejects.toMatchObject({ reason: 'LEASE_BUSY', retryAfterMs: LEASE_TTL_MS - 1_000 })
    await clock.advance(1_000)
    await refused
    expect(leases.results.timeout).toBe(1)
  })

  it('leaves neither a timer nor a watch behind, however the wait ends', async () => {
    const { clock, shard, fill, wait } = await rig()
    await clock.advance(0)
    const { pending } = clock
    const waited = wait()
    await clock.advance(10)
    expect([clock.pending, shard.watchers]).toEqual([pending + 1, 1])
    await fill()
    await waited
    expect([clock.pending, shard.watchers]).toEqual([pending, 0])
    shard.down = true
    await expect(wait()).rejects.toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    expect([clock.pending, shard.watchers]).toEqual([pending, 0])
  })
})

describe('what the holder of a lease has loaded', () => {
  const loaded = (value: Buffer, changes: Partial<LoadedLanding> = {}): LoadedLanding => ({
    outcome: 'found',
    value,
    source: 'origin',
    version: 0,
    tags: [],
    asOf: 0,
    loadedAt: 0,
    costMs: 0,
    ...changes,
  })

  it('is stored, with the version under which it stands', async () => {
    const { shard, leases, lookup } = await rig()
    const filled = await leases.fill(lookup, HOLDER, loaded(Buffer.from('v')))
    const read = await shard.read(KEY)
    expect(filled).toMatchObject({ outcome: 'filled', entry: { version: read.found && read.entry.version } })
  })

  it('is lost where the key was changed meanwhile', async () => {
    const { shard, leases, lookup } = await rig()
    await shard.invalidate(KEY, { staleKeepMs: 0 })
    expect(await leases.fill(lookup, HOLDER, loaded(Buffer.from('v')))).toEqual({ outcome: 'lost' })
  })

  it('stays unstored over the limit of size, and under a hold, and the lease is given back', async () => {
    const large = await rig()
    const value = Buffer.alloc(MAX_VALUE_BYTES + 1)
    expect(await large.leases.fill(large.lookup, HOLDER, loaded(value))).toEqual({ outcome: 'unstored' })
    const held = await rig()
    await held.shard.invalidate(KEY, { staleKeepMs: 0, holdMs: 1_000 })
    await held.shard.acquire(KEY, { token: HOLDER, leaseTtlMs: LEASE_TTL_MS })
    expect(await held.leases.fill(held.lookup, HOLDER, loaded(Buffer.from('v')))).toEqual({ outcome: 'unstored' })
    for (const { clock, shard, leases } of [large, held]) {
      await clock.advance(0)
      expect(leases.results.released).toBe(1)
      expect(await shard.acquire(KEY, { token: WAITER, leaseTtlMs: 1 })).toMatchObject({ outcome: 'granted' })
    }
  })

  it('stays unstored, without a failure, where the shard gives no answer', async () => {
    const { shard, leases, lookup } = await rig()
    shard.down = true
    expect(await leases.fill(lookup, HOLDER, loaded(Buffer.from('v')))).toEqual({ outcome: 'unstored' })
  })
})
