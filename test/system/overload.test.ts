import { afterEach, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { CacheClient, failure } from '../rpc/client.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const RESOURCE_EXHAUSTED = 8
const KEYS = 1_000
const BATCHES = 40

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(limits: string): Promise<{ redis: RedisServer; sidecar: Sidecar; client: CacheClient }> {
  const redis = await startRedis()
  closing.push(() => redis.stop())
  const config = `
env: test
shards: { topology: ring, nodes: [{ name: a, primary: "${redis.url}" }] }
limits: ${limits}
keyspaces: { session: { consistency: tolerant, ttl: 10m } }
`
  const sidecar = await startSidecar({ config })
  closing.push(() => sidecar.stop())
  const client = new CacheClient(sidecar.grpc, { 'grpc.max_receive_message_length': -1 })
  closing.push(async () => client.close())
  return { redis, sidecar, client }
}

const keyOf = (index: number) => ({ keyspace: 'session', key: `k${index}` })

describe('a sidecar that has more to do than it gets done', () => {
  it('refuses calls at once, goes on answering near hits, and takes calls again when it has caught up', async () => {
    const { sidecar, client } = await start('{ loopLag: 10ms }')
    const value = Buffer.alloc(100, 'v')
    const set = (index: number) => client.set({ ...keyOf(index), value })
    const patiently = (index: number) =>
      until(`the key k${index}`, () =>
        set(index)
          .then(() => true)
          .catch(() => false),
      )
    for (let index = 0; index < 20; index += 1) await patiently(index)
    await until('a near hit', () =>
      client
        .get(keyOf(0))
        .then(({ source }) => source === 'SOURCE_NEAR')
        .catch(() => false),
    )

    // Its requests arrive whole, and are answered from their bytes.
    const ours = new RingsideClient({ target: sidecar.grpc, joinFrom: Number.POSITIVE_INFINITY })
    closing.push(() => ours.close())
    const requests = Array.from({ length: KEYS }, (_, index) => keyOf(index % 20))
    const refused: string[] = []
    await until('a refusal', async () => {
      const batches = Promise.allSettled(Array.from({ length: BATCHES }, () => client.batchGet({ requests })))
      const hits = Array.from({ length: BATCHES }, () => ours.get('session', 'k0'))
      for (const { source } of await Promise.all(hits)) expect(source).toBe('near')
      for (const one of await batches) {
        if (one.status === 'rejected') refused.push(`${one.reason.code}: ${one.reason.details}`)
      }
      return refused.length > 0
    })
    expect(new Set(refused)).toEqual(
      new Set([`${RESOURCE_EXHAUSTED}: the sidecar has had more to do than it gets done for a while; retry later`]),
    )
    await patiently(1)
    expect(await sidecar.metric('ringside_shed_total{cause="loop"}')).toBeGreaterThanOrEqual(refused.length)
  })
})

describe('a sidecar that is at its limit of memory', () => {
  it('refuses calls, says when to come again, and stays ready: others are no better off', async () => {
    const { sidecar, client } = await start('{ memory: 16MiB }')
    const refusal = await failure(client.set({ ...keyOf(1), value: Buffer.from('v') }))
    expect(refusal).toMatchObject({
      code: RESOURCE_EXHAUSTED,
      details: {
        ErrorInfo: { domain: 'ringside', reason: 'OVERLOADED', metadata: { cause: 'memory' } },
        RetryInfo: { retry_delay: { seconds: 0, nanos: 500_000_000 } },
      },
    })
    expect(await sidecar.metric('ringside_overloaded{cause="memory"}')).toBe(1)
    expect((await sidecar.readiness()).status).toBe(200)
  })
})
