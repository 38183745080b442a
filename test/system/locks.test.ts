import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RingsideCallError, RingsideClient } from '../../src/client/ringside-client.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

let server: RedisServer
let sidecars: Sidecar[] = []
let clients: RingsideClient[] = []
const one = () => (clients[0] as RingsideClient).locks
const other = () => (clients[1] as RingsideClient).locks

beforeEach(async () => {
  server = await startRedis()
  const config = [
    'env: test',
    'heartbeat: 200ms',
    `shards: { nodes: [{ name: a, primary: "${server.url}" }] }`,
    'locks: { enabled: true }',
  ].join('\n')
  sidecars = await Promise.all([startSidecar({ config }), startSidecar({ config })])
  clients = sidecars.map(({ socket }) => new RingsideClient({ target: `unix:${socket}` }))
})
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await Promise.all(sidecars.map((sidecar) => sidecar.stop()))
  await server.stop()
})

/** What is answered once the shard is asked again: after it has lost its memory, that takes some heartbeats. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  let answer: { readonly value: T } | undefined
  await until('an answer', async () => {
    const value = await ask().catch((error: RingsideCallError) => {
      if (error.reason !== 'SHARD_UNAVAILABLE') throw error
      return ABSENT
    })
    if (value !== ABSENT) answer = { value: value as T }
    return answer !== undefined
  })
  return (answer as unknown as { readonly value: T }).value
}

const ABSENT = Symbol('absent')
const epochs = 'ringside_shard_epochs_total{shard="a"}'

describe('locks over two sidecars', () => {
  it('go from one to the other', async () => {
    const held = await one().acquire('report', { ttlMs: 30_000 })
    expect(await other().acquire('report', { ttlMs: 30_000 })).toBeUndefined()
    const waiting = other().acquire('report', { ttlMs: 30_000, waitMs: 30_000 })
    await until('the waiter', async () => (await sidecars[1]?.metric('ringside_locks_waiting')) === 1)
    expect(await one().renew(held!, 40_000)).toMatchObject({ fencingToken: held?.fencingToken })
    expect(await other().release({ ...held!, token: 'A'.repeat(22) })).toBe(false)
    expect(await one().release(held!)).toBe(true)
    const next = await waiting
    expect(next?.fencingToken).toBeGreaterThan(held?.fencingToken ?? 0)
    await expect(one().renew(held!, 1_000)).rejects.toMatchObject({ reason: 'LOCK_LOST' })
  })

  it('stay with their holders when their shard has lost its memory, and nobody else is granted one meanwhile', async () => {
    const held = await one().acquire('report', { ttlMs: 30_000 })
    const before = await Promise.all(sidecars.map((sidecar) => sidecar.metric(epochs)))
    await server.client.flushall()
    const heard = async (sidecar: Sidecar, place: number) => (await sidecar.metric(epochs)) > (before[place] ?? 0)
    await until('a new epoch', async () => !(await Promise.all(sidecars.map(heard))).includes(false))
    const tried = await answered(() => other().acquire('report', { ttlMs: 1_000 }))
    expect(tried).toBeUndefined()
    expect(await answered(() => other().acquire('another', { ttlMs: 1_000 }))).toBeUndefined()
    expect(await answered(() => one().renew(held!, 30_000))).toMatchObject({
      fencingToken: held?.fencingToken,
    })
    expect(await other().acquire('report', { ttlMs: 1_000 })).toBeUndefined()
    expect(await one().release(held!)).toBe(true)
    const next = await other().acquire('report', { ttlMs: 1_000 })
    expect(next?.fencingToken ?? 0).toBeGreaterThan(held?.fencingToken ?? 0)
  })
})
