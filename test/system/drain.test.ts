import { expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const config = (drain: string) => `
env: test
drain: ${drain}
shards: { topology: embedded }
origins: { file: { type: file, path: ${process.cwd()}/src/config/products.jsonl, latency: 1s } }
keyspaces: { product: { consistency: bounded, maxStaleness: 5s, ttl: 1m, origin: file } }
`

it('finishes what is in flight when it is told to stop, then exits with 0', async () => {
  const sidecar = await startSidecar({ config: config('20s') })
  const client = new CacheClient(sidecar.grpc)
  const slow = client.get({ keyspace: 'product', key: '1' })
  await until('the call', async () => (await sidecar.metric('ringside_requests_in_flight')) === 1)
  const stopped = sidecar.stop()
  expect(await slow).toMatchObject({ outcome: 'OUTCOME_FOUND' })
  client.close()
  expect(await stopped).toBe(0)
  expect(sidecar.log()).toContain('draining')
})

it('cuts off what is not finished within its time, and exits with 0 all the same', async () => {
  const sidecar = await startSidecar({ config: config('1ms') })
  const client = new CacheClient(sidecar.grpc)
  const slow = client.get({ keyspace: 'product', key: '1' }).catch((error: { code: number }) => error.code)
  await until('the call', async () => (await sidecar.metric('ringside_requests_in_flight')) === 1)
  expect(await sidecar.stop()).toBe(0)
  expect([1, 14]).toContain(await slow)
  client.close()
})
