import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import { Fleet, type FleetSidecar, productKey } from '../support/fleet.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { ScriptedOrigin } from '../support/scripted-origin.ts'
import { until } from '../support/until.ts'
import { textOf } from '../support/use-cases.ts'

/** A read and a lease for the holder; a read, a try for the lease and one that listens for the waiter. */
const REQUESTS_UNTIL_WAITING = 5
/** The holder's fill and its reading back, the waiter's look when it is told, and one to spare. */
const HANDFUL = 4
const DOWN = new RingsideError('ORIGIN_UNAVAILABLE', 'down', { retryAfterMs: 1_000 })

let server: RedisServer
let monitor: Redis
let origin: ScriptedOrigin
let fleet: Fleet
/** Requests for the key, and heartbeats, as the server saw them. */
let seen: { requests: number; heartbeats: number }

beforeEach(async () => {
  server = await startRedis()
  origin = new ScriptedOrigin(systemClock)
  origin.rows.set('k', 'v')
  seen = { requests: 0, heartbeats: 0 }
  monitor = await server.client.monitor()
  monitor.on('monitor', (_time: string, words: string[], source: string) => {
    // What a script does is nobody's request; nor is the source of a script that the server did not know yet.
    if (source === 'lua' || words[0] === 'eval') return
    if (words.includes(productKey('k'))) seen.requests += 1
    if (words.includes('test:~life')) seen.heartbeats += 1
  })
})
afterEach(async () => {
  monitor.disconnect()
  origin.letGo()
  await fleet.close()
  await server.stop()
})

/** A sidecar whose load of the key is under way, and another that waits for it. */
async function loaderAndWaiter(leaseTtlMs: number) {
  fleet = new Fleet(server.url, { origin, leaseTtlMs, waitMs: 60_000 })
  const [loader, waiter] = (await Promise.all([fleet.join('loader'), fleet.join('waiter')])) as [
    FleetSidecar,
    FleetSidecar,
  ]
  origin.holding = true
  const load = loader.get('k')
  await until('the load', () => origin.held.length === 1)
  const wait = waiter.get('k')
  await until('the waiter', () => waiter.leases.results.busy === 1)
  return { loader, waiter, load, wait }
}

/** Waits for so many heartbeats of the whole fleet, and counts the requests for the key meanwhile. */
async function requestsDuring(heartbeats: number): Promise<number> {
  const from = { ...seen }
  await until('heartbeats', () => seen.heartbeats - from.heartbeats >= heartbeats)
  return seen.requests - from.requests
}

describe('a reader who waits for the lease of another sidecar', () => {
  it('asks nothing while it waits, and has the value as soon as it is there', async () => {
    // Were the waiter not told, it would look again only when the lease ends: long after this test has given up.
    const { load, wait } = await loaderAndWaiter(600_000)
    await until('the question that listens', () => seen.requests === REQUESTS_UNTIL_WAITING)
    expect(await requestsDuring(40)).toBe(0)
    const before = seen.requests
    origin.letGo()
    expect(textOf(await load)).toBe('v')
    expect(await wait).toMatchObject({ source: 'primary' })
    expect(seen.requests - before).toBeLessThanOrEqual(HANDFUL)
    expect(origin.asked).toHaveLength(1)
  })

  it('loads itself when the holder gives the lease back', async () => {
    const { load, wait } = await loaderAndWaiter(600_000)
    origin.holding = false
    for (const { fail } of origin.held.splice(0)) fail(DOWN)
    await expect(load).rejects.toMatchObject({ reason: 'ORIGIN_UNAVAILABLE' })
    expect(await wait).toMatchObject({ source: 'origin' })
    expect(origin.asked).toHaveLength(2)
  })

  it('takes the lease when it ends because its holder died', async () => {
    const { waiter, wait } = await loaderAndWaiter(1_000)
    origin.holding = false
    expect(await wait).toMatchObject({ source: 'origin' })
    expect(waiter.leases.results).toMatchObject({ busy: 1, granted: 1, timeout: 0 })
    expect(origin.asked).toHaveLength(2)
  })
})
