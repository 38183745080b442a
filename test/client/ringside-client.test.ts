import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingsideCallError, RingsideClient } from '../../src/client/ringside-client.ts'
import { freePort } from '../support/free-port.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'

const CONFIG = `
env: test
shards: { topology: embedded, count: 3 }
limits: { value: 64KiB, batch: 100 }
keyspaces:
  session: { consistency: tolerant, ttl: 30m }
  account: { consistency: bounded, maxStaleness: 5s, ttl: 10m, tenants: required }
`

const ENGINES = ['wire', 'grpc-js'] as const
const TRANSPORTS = ['grpc', 'socket'] as const

describe.each(ENGINES)('the client of a sidecar on %s', (engine) => {
  let sidecar: Sidecar
  beforeAll(async () => {
    sidecar = await startSidecar({ config: CONFIG, engine })
  })
  afterAll(() => sidecar.stop())

  describe.each(TRANSPORTS)('by %s', (transport) => {
    let client: RingsideClient
    const id = `${engine}-${transport}`
    beforeAll(() => {
      client = new RingsideClient({
        target: transport === 'socket' ? `unix:${sidecar.socket}` : sidecar.grpc,
        joinFrom: 4,
      })
    })
    afterAll(() => client.close())

    it('reads a miss with a lease, sets under it, and reads the value from memory', async () => {
      const miss = await client.get('session', `${id}-a`)
      expect(miss).toMatchObject({ outcome: 'miss', value: Buffer.alloc(0), version: 0, lease: { ttlMs: 3_000 } })
      const set = await client.set('session', `${id}-a`, Buffer.from('grün'), { leaseToken: miss.lease?.token })
      expect(set).toMatchObject({ stored: true })
      await client.get('session', `${id}-a`)
      const found = await client.get('session', `${id}-a`)
      expect(found).toMatchObject({ outcome: 'found', source: 'near', version: set.version, degraded: false })
      expect(String(found.value)).toBe('grün')
      expect(found.asOfUnixMs).toBeGreaterThan(1_600_000_000_000)
      expect(found.lease).toBeUndefined()
    })

    it('sees its own writes, and no value after an invalidation', async () => {
      const options = { tenant: 'acme' }
      const { version } = await client.set('account', id, Buffer.from('1'), options)
      expect(await client.get('account', id, { ...options, minVersion: version })).toMatchObject({ version })
      const gone = await client.invalidate('account', id, { ...options, holdMs: 1_000 })
      expect(gone.version).toBeGreaterThan(version)
      expect(await client.get('account', id, { ...options, maxStalenessMs: 0 })).toMatchObject({ outcome: 'miss' })
    })

    it('sets only under conditions that hold', async () => {
      const { lease } = await client.get('session', `${id}-if`)
      await client.set('session', `${id}-if`, Buffer.from('1'))
      const call = client.set('session', `${id}-if`, Buffer.from('2'), { ifVersion: 0 })
      await expect(call).rejects.toMatchObject({ name: 'RingsideCallError', reason: 'VERSION_MISMATCH', code: 9 })
      await expect(
        client.set('session', `${id}-if`, Buffer.from('2'), { leaseToken: lease?.token }),
      ).rejects.toMatchObject({
        reason: 'LEASE_LOST',
      })
    })

    it('names the reason, the field and the status of a failure', async () => {
      const failure = await client.set('session', 'k', Buffer.alloc(64 * 1024 + 1)).catch((error) => error)
      expect(failure).toBeInstanceOf(RingsideCallError)
      expect(failure).toMatchObject({ reason: 'VALUE_TOO_LARGE', code: 3, metadata: { field: 'value' } })
    })

    it('reads many keys, each with its own answer or error', async () => {
      await client.set('session', `${id}-b`, Buffer.from('b'))
      const results = await client.batchGet([
        { keyspace: 'session', key: `${id}-b` },
        { keyspace: 'nothing', key: 'k' },
        { keyspace: 'session', key: '' },
      ])
      expect(results).toMatchObject([
        { ok: true, answer: { outcome: 'found', value: Buffer.from('b') } },
        { ok: false, error: { name: 'RingsideCallError', reason: 'KEYSPACE_UNKNOWN', code: 3 } },
        { ok: false, error: { reason: 'KEY_INVALID' } },
      ])
    })

    it('joins the gets of one turn into a batch, and keeps their errors apart', async () => {
      const keys = Array.from({ length: 20 }, (_, index) => `${id}-j${index}`)
      await Promise.all(keys.map((key) => client.set('session', key, Buffer.from(key))))
      const before = client.stats().batches
      const gets = keys.map((key) => client.get('session', key).then(({ value }) => String(value)))
      const wrong = client.get('nothing', 'k').catch(({ reason }) => reason)
      expect(await Promise.all([...gets, wrong])).toEqual([...keys, 'KEYSPACE_UNKNOWN'])
      expect(client.stats().batches).toBe(before + 1)
    })

    it('asks alone for what a joined batch had no room for', async () => {
      const value = Buffer.alloc(64 * 1024, 7)
      const keys = Array.from({ length: 24 }, (_, index) => `${id}-large${index}`)
      await Promise.all(keys.map((key) => client.set('session', key, value)))
      const answers = await Promise.all(keys.map((key) => client.get('session', key)))
      expect(answers.every((answer) => answer.value.equals(value))).toBe(true)
    })

    it('loads a missing key once for all who want it, and stores it', async () => {
      let loads = 0
      const load = async () => {
        loads += 1
        return Buffer.from('loaded')
      }
      const reads = Array.from({ length: 50 }, () => client.getOrLoad('session', `${id}-l`, load))
      expect(new Set((await Promise.all(reads)).map(String))).toEqual(new Set(['loaded']))
      expect(String((await client.get('session', `${id}-l`)).value)).toBe('loaded')
      expect(String(await client.getOrLoad('session', `${id}-l`, load))).toBe('loaded')
      expect(loads).toBe(1)
    })

    it('gives what it loaded, and stores nothing, when the key was invalidated meanwhile', async () => {
      const key = `${id}-race`
      const value = await client.getOrLoad('session', key, async () => {
        await client.invalidate('session', key)
        return Buffer.from('old')
      })
      expect(String(value)).toBe('old')
      expect(await client.get('session', key)).toMatchObject({ outcome: 'miss' })
    })

    it('loads and does not set when another caller holds the lease', async () => {
      const key = `${id}-busy`
      const holder = await client.get('session', key)
      expect(holder.lease).toBeDefined()
      expect(String(await client.getOrLoad('session', key, async () => Buffer.from('mine')))).toBe('mine')
      const set = await client.set('session', key, Buffer.from('theirs'), { leaseToken: holder.lease?.token })
      expect(set.stored).toBe(true)
      expect(String((await client.get('session', key)).value)).toBe('theirs')
    })
  })

  it('is told when an invalidation asks for too much', async () => {
    const client = new RingsideClient({ target: sidecar.grpc })
    const targets = Array.from({ length: 101 }, (_, index) => ({ keyspace: 'session', key: `k${index}` }))
    await expect(client.batchInvalidate(targets)).rejects.toMatchObject({ reason: 'BATCH_SIZE', code: 3 })
    await client.close()
  })
})

describe('a client', () => {
  it('carries the largest values there are by default, alone and in a batch', async () => {
    const sidecar = await startSidecar({ config: CONFIG.replace(/^limits.*$/m, '') })
    const client = new RingsideClient({ target: sidecar.grpc, timeoutMs: 60_000 })
    const value = Buffer.alloc(4 * 1024 * 1024, 7)
    const requests = Array.from({ length: 16 }, (_, index) => ({ keyspace: 'session', key: `k${index}` }))
    for (const { key } of requests) await client.set('session', key, value)
    expect((await client.get('session', 'k0')).value.equals(value)).toBe(true)
    const results = await client.batchGet(requests)
    expect(results.every((result) => result.ok && result.answer.value.equals(value))).toBe(true)
    await client.close()
    await sidecar.stop()
  })

  it('says UNREACHABLE when there is no sidecar, and loads all the same if it is told to', async () => {
    const client = new RingsideClient({ target: `127.0.0.1:${await freePort()}` })
    const load = async () => Buffer.from('from the database')
    await expect(client.get('session', 'k')).rejects.toMatchObject({ reason: 'UNREACHABLE', code: 14 })
    await expect(client.getOrLoad('session', 'k', load)).rejects.toMatchObject({ reason: 'UNREACHABLE' })
    expect(String(await client.getOrLoad('session', 'k', load, { loadWhenUnavailable: true }))).toBe(
      'from the database',
    )
    await client.close()
    await expect(client.get('session', 'k')).rejects.toMatchObject({ reason: 'CANCELLED', code: 1 })
  })
})
