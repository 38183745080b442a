import { credentials, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cache, call, Health } from '../rpc/client.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'

const CONFIG = 'env: test\nshards: { topology: embedded }\nkeyspaces: { s: { consistency: tolerant, ttl: 1m } }'

describe.each(['wire', 'grpc-js'] as const)('the health port of a sidecar on %s', (engine) => {
  let sidecar: Sidecar
  beforeAll(async () => {
    sidecar = await startSidecar({ config: CONFIG, engine, probed: true })
  })
  afterAll(() => sidecar.kill())

  it('is logged with the other addresses', () => {
    expect(sidecar.log()).toContain(`"health":"${sidecar.health}"`)
  })

  it('answers the probes of a kubelet, over gRPC and HTTP, and the scrapes of Prometheus', async () => {
    const health = new Health(sidecar.health, credentials.createInsecure())
    expect(await call(health, 'Check', { service: '' })).toEqual({ status: 'SERVING' })
    expect(await call(health, 'Check', { service: 'ringside.v1.Cache' })).toEqual({ status: 'SERVING' })
    health.close()
    const pages = ['livez', 'readyz', 'metrics'].map((page) => fetch(`http://${sidecar.health}/${page}`))
    expect((await Promise.all(pages)).map((answer) => answer.status)).toEqual([200, 200, 200])
  })

  it('lets nobody call the cache', async () => {
    const cache = new Cache(sidecar.health, credentials.createInsecure())
    await expect(call(cache, 'Get', { keyspace: 's', key: '1' })).rejects.toMatchObject({ code: status.UNIMPLEMENTED })
    cache.close()
  })

  it('does not keep a sidecar from stopping, though somebody stays connected', async () => {
    const health = new Health(sidecar.health, credentials.createInsecure())
    await call(health, 'Check', { service: '' })
    expect(await sidecar.stop()).toBe(0)
    health.close()
  })
})
