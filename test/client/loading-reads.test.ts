import { describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { defaultTarget } from '../../src/client/target.ts'
import { WireStatus } from '../../src/wire/grpc/wire-status.ts'
import { deferred } from '../rpc/deferred.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type ScriptedCall, ScriptedChannel } from './scripted-channel.ts'

const MISS = { outcome: 'OUTCOME_MISS', lease: { token: 'L', ttl_ms: 3_000 } }
const LOADED = Buffer.from('loaded')
const load = async () => LOADED

/** Misses with a lease, and sets that end as told. */
const missThen =
  (set: () => object | Promise<object>) =>
  ({ method }: ScriptedCall) =>
    method === 'Get' ? MISS : set()

function clientOf(answer: ConstructorParameters<typeof ScriptedChannel>[0]) {
  const clock = new ManualClock()
  const channel = new ScriptedChannel(answer)
  return { clock, channel, client: new RingsideClient({ channel, clock }) }
}

/** A load that ends when it is told to. */
function slowLoad() {
  const { promise, resolve } = deferred<Buffer>()
  return { slow: () => promise, land: () => resolve(LOADED) }
}

const methods = (channel: ScriptedChannel) => channel.calls.map(({ method }) => method)

describe('getOrLoad', () => {
  it('sets what it loaded with the lease and the ttl', async () => {
    const { channel, client } = clientOf(missThen(() => ({ stored: true, version: 1 })))
    expect(await client.getOrLoad('s', 'k', load, { tenant: 't', ttlMs: 9_000 })).toEqual(LOADED)
    expect(channel.calls[1]?.request).toMatchObject({ tenant: 't', value: LOADED, lease_token: 'L', ttl_ms: 9_000 })
    expect(client.stats().loading).toEqual({ loads: 1, joined: 0, stored: 1, notStored: 0 })
  })

  it.each([
    ['a set that is refused', () => ({ stored: false })],
    ['a lost lease', () => Promise.reject(new WireStatus(9, 'lost'))],
    ['a sidecar that is gone', () => Promise.reject(new WireStatus(14, 'gone'))],
  ])('gives what it loaded after %s', async (_what, set) => {
    const { client } = clientOf(missThen(set))
    expect(await client.getOrLoad('s', 'k', load)).toEqual(LOADED)
    expect(client.stats().loading).toMatchObject({ stored: 0, notStored: 1 })
  })

  it('sets nothing without a lease, and nothing where there is nothing', async () => {
    const leaseless = clientOf(() => ({ outcome: 'OUTCOME_MISS' }))
    expect(await leaseless.client.getOrLoad('s', 'k', load)).toEqual(LOADED)
    expect(methods(leaseless.channel)).toEqual(['Get'])
    const empty = clientOf(() => MISS)
    expect(await empty.client.getOrLoad('s', 'k', async () => undefined)).toBeUndefined()
    expect(methods(empty.channel)).toEqual(['Get'])
  })

  it('loads nothing that is found, or that the origin says there is none of', async () => {
    const never = () => Promise.reject(new Error('loaded'))
    const found = clientOf(() => ({ outcome: 'OUTCOME_FOUND', value: LOADED }))
    expect(await found.client.getOrLoad('s', 'k', never)).toEqual(LOADED)
    const none = clientOf(() => ({ outcome: 'OUTCOME_NOT_FOUND' }))
    expect(await none.client.getOrLoad('s', 'k', never)).toBeUndefined()
  })

  it('fails with what the loader threw, and loads again the next time', async () => {
    const { client } = clientOf(missThen(() => ({ stored: true })))
    await expect(client.getOrLoad('s', 'k', () => Promise.reject(new Error('no database')))).rejects.toThrow(
      'no database',
    )
    expect(await client.getOrLoad('s', 'k', load)).toEqual(LOADED)
  })

  it('shares one flight by key and tenant, and starts anew when that has landed', async () => {
    const { channel, client } = clientOf(missThen(() => ({ stored: true })))
    const reads = ['a', 'a', 'b'].map((tenant) => client.getOrLoad('s', 'k', load, { tenant }))
    await Promise.all(reads)
    expect(client.stats().loading).toMatchObject({ loads: 2, joined: 1 })
    await client.getOrLoad('s', 'k', load, { tenant: 'a' })
    expect(methods(channel).filter((method) => method === 'Set').length).toBe(3)
  })

  it('joins no flight that began too long ago for its bound, or that asks for too old a version', async () => {
    const { clock, client } = clientOf(missThen(() => ({ stored: true })))
    const { slow, land } = slowLoad()
    const first = client.getOrLoad('s', 'k', slow)
    await clock.advance(100)
    const others = [
      client.getOrLoad('s', 'k', load),
      client.getOrLoad('s', 'k', load, { maxStalenessMs: 100 }),
      client.getOrLoad('s', 'k', async () => Buffer.from('newer'), { maxStalenessMs: 99 }),
    ]
    land()
    expect((await Promise.all([first, ...others])).map(String)).toEqual(['loaded', 'loaded', 'loaded', 'newer'])
    const plain = client.getOrLoad('s', 'v', load)
    await client.getOrLoad('s', 'v', load, { minVersion: 7 })
    await plain
    expect(client.stats().loading).toMatchObject({ joined: 2, loads: 4 })
  })

  it('stops waiting at the signal, while the load goes on for the others', async () => {
    const { client } = clientOf(missThen(() => ({ stored: true })))
    const gone = new AbortController()
    const { slow, land } = slowLoad()
    const impatient = client.getOrLoad('s', 'k', slow, { signal: gone.signal }).catch(({ reason }) => reason)
    const patient = client.getOrLoad('s', 'k', slow)
    await new ManualClock().advance(0)
    gone.abort()
    expect(await impatient).toBe('CANCELLED')
    land()
    expect(await patient).toEqual(LOADED)
  })
})

describe('the target', () => {
  it('is the socket of the environment, then its address, then where a sidecar listens by default', () => {
    expect(defaultTarget({ RINGSIDE_SOCKET: '/run/r.sock', RINGSIDE_ADDR: 'h:1' })).toBe('unix:/run/r.sock')
    expect(defaultTarget({ RINGSIDE_SOCKET: '', RINGSIDE_ADDR: 'h:1' })).toBe('h:1')
    expect(defaultTarget({})).toBe('127.0.0.1:7400')
  })
})
