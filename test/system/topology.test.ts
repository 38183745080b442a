import { credentials } from '@grpc/grpc-js'
import { afterEach, expect, it } from 'vitest'
import type { TopologyResponse__Output } from '../../src/gen/ringside/v1/TopologyResponse.ts'
import { Admin, CacheClient, call } from '../rpc/client.ts'
import { startRedis } from '../support/redis.ts'
import { startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

it('tells operators which nodes there are, and what became of one that was lost', async () => {
  const [kept, lost] = await Promise.all([startRedis(), startRedis()])
  closing.push(
    () => kept.stop(),
    () => lost.stop(),
  )
  const config = `
env: test
shards: { topology: ring, timeout: 100ms, nodes: [{ name: kept, primary: "${kept.url}" }, { name: lost, primary: "${lost.url}", weight: 2 }] }
keyspaces: { session: { consistency: tolerant, ttl: 10m } }
`
  const sidecar = await startSidecar({ config })
  closing.push(() => sidecar.stop())
  const admin = new Admin(sidecar.grpc, credentials.createInsecure())
  const cache = new CacheClient(sidecar.grpc)
  closing.push(
    () => admin.close(),
    () => cache.close(),
  )
  const topology = () => call<TopologyResponse__Output>(admin, 'Topology', {})

  await until('both nodes', async () => (await topology()).nodes.every(({ up }) => up))
  const { ring_hash: hash, nodes, breakers } = await topology()
  expect(hash).toMatch(/^[0-9a-f]{16}$/)
  expect(nodes).toEqual([
    expect.objectContaining({ name: 'kept', weight: 1, state: 'NODE_STATE_ACTIVE', primary: `127.0.0.1:${kept.port}` }),
    expect.objectContaining({ name: 'lost', weight: 2, state: 'NODE_STATE_ACTIVE', primary: `127.0.0.1:${lost.port}` }),
  ])
  expect(breakers.map(({ state }) => state)).toEqual(['BREAKER_STATE_CLOSED', 'BREAKER_STATE_CLOSED'])

  await lost.kill()
  await until('the loss', async () => (await topology()).nodes.some(({ up }) => !up))
  const after = await topology()
  expect(after.nodes.map(({ name, up }) => [name, up])).toEqual([
    ['kept', true],
    ['lost', false],
  ])
  expect(after.nodes[1]?.why).not.toBe('')
  expect(after.ring_hash).toBe(hash)
})
