import { describe, expect, it } from 'vitest'
import { configOf, EMBEDDED } from './loading.ts'

const FULL = `
env: prod
heartbeat: 500ms
drain: 20s
listen: { grpc: "[::1]:7500", socket: off, admin: 127.0.0.1:7501, engine: grpc-js }
shards:
  nodes:
    - { name: a, primary: "redis://10.0.0.1:6379", weight: 2, state: active }
    - { name: b, primary: "rediss://user:\${REDIS_PASSWORD}@cache-b/1", replicas: ["rediss://user:\${REDIS_PASSWORD}@cache-c/1"] }
  timeout: 100ms
near: { maxBytes: 1MiB, policy: lru, prewarm: false }
hot: { leastRate: 500/s, targetShare: 10%, labels: 20 }
lease: { ttl: 5s, wait: 2s }
locks: { enabled: true, maxTtl: 30s }
limits: { value: 1MB, batch: 10, inFlight: "20", loopLag: 50ms, memory: 512MB }
journal: { path: journal, maxBytes: 1MiB }
log: { level: debug }
admin: { tokenFile: "", flush: false }
origins:
  catalog: { type: postgres, url: "\${CATALOG_URL}", load: "select $1 $2", timeout: 1s, batch: 5, minConcurrent: 1, maxConcurrent: 2, maxWaiting: 0, coldRate: 5000/s, lag: 0s }
  app: { type: grpc, target: "127.0.0.1:50051" }
  demo: { type: file, path: data/products.jsonl, latency: 20ms }
keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, jitter: 0%, softTtl: 8m, negativeTtl: 1m, origin: catalog, version: 3, key: '^[0-9]{1,12}$',
             tenants: [acme, globex], near: { enabled: false }, hot: { maxCopies: 2 }, replicas: { read: true, wait: 0 }, degraded: { maxStaleness: 60s, then: stale } }
  permissions: { consistency: strong, ttl: 20s, origin: app, tenants: required, degraded: { then: fail } }
  session: { consistency: tolerant, ttl: 30m }
  cart: { consistency: tolerant, ttl: 30m, maxStaleness: 1m, degraded: { maxStaleness: 2m } }
`
const ENV = { REDIS_PASSWORD: 'p%40ss', CATALOG_URL: 'postgres://u:pw@db/shop' }

describe('a configuration with everything in it', () => {
  const config = configOf(FULL, ENV, '/etc/ringside/config.yaml')

  it('has durations in milliseconds and sizes in bytes', () => {
    expect(config).toMatchObject({
      env: 'prod',
      heartbeatMs: 500,
      drainMs: 20_000,
      listen: { grpc: { host: '::1', port: 7500 }, socket: undefined, engine: 'grpc-js' },
      near: { maxBytes: 1_048_576, policy: 'lru', prewarm: false },
      hot: { leastRate: 500, targetShare: 0.1, labels: 20 },
      lease: { ttlMs: 5_000, waitMs: 2_000 },
      locks: { enabled: true, maxTtlMs: 30_000 },
      limits: { valueBytes: 1_000_000, batch: 10, inFlight: 20, loopLagMs: 50, memoryBytes: 512_000_000 },
      journal: { path: '/etc/ringside/journal', maxBytes: 1_048_576 },
      log: { level: 'debug' },
    })
  })

  it('has the nodes of its ring, each with a URL that may be shown', () => {
    expect(config.shards).toEqual({
      topology: 'ring',
      timeoutMs: 100,
      nodes: [
        {
          name: 'a',
          primary: 'redis://10.0.0.1:6379',
          primaryShown: 'redis://10.0.0.1:6379',
          replicas: [],
          weight: 2,
          state: 'active',
        },
        {
          name: 'b',
          primary: 'rediss://user:p%40ss@cache-b/1',
          primaryShown: 'rediss://user:***@cache-b/1',
          replicas: [{ url: 'rediss://user:p%40ss@cache-c/1', shown: 'rediss://user:***@cache-c/1' }],
          weight: 1,
          state: 'active',
        },
      ],
    })
  })

  it('has its origins by kind, files found from the folder of the configuration', () => {
    const guard = { timeoutMs: 2_000, batch: 500, minConcurrent: 4, maxConcurrent: 16, maxWaiting: 10_000, lagMs: 0 }
    expect(config.origins).toEqual([
      {
        name: 'catalog',
        type: 'postgres',
        url: ENV.CATALOG_URL,
        urlShown: '***',
        load: 'select $1 $2',
        encoding: 'json',
        timeoutMs: 1_000,
        batch: 5,
        minConcurrent: 1,
        maxConcurrent: 2,
        maxWaiting: 0,
        coldRate: 5_000,
        lagMs: 0,
      },
      { name: 'app', type: 'grpc', target: '127.0.0.1:50051', ...guard },
      { name: 'demo', type: 'file', path: '/etc/ringside/data/products.jsonl', latencyMs: 20, ...guard },
    ])
  })

  it('has the policy of every keyspace', () => {
    const [product, permissions, session, cart] = config.keyspaces
    expect(product).toMatchObject({
      name: 'product',
      version: 3,
      consistency: 'bounded',
      boundMs: 5_000,
      ttlMs: 600_000,
      jitter: 0,
      softTtlMs: 480_000,
      negativeTtlMs: 60_000,
      origin: 'catalog',
      tenants: ['acme', 'globex'],
      near: false,
      maxCopies: 2,
      degradedMs: 60_000,
      degradedThen: 'stale',
      replicaReads: true,
      writes: undefined,
      maxBacklog: 0,
      coalesceMs: 0,
    })
    expect(product?.keyPattern?.test('42')).toBe(true)
    expect(product?.keyPattern?.test('42a')).toBe(false)
    expect(permissions).toMatchObject({
      boundMs: 0,
      maxCopies: 0,
      near: false,
      negativeTtlMs: 20_000,
      degradedThen: 'fail',
    })
    expect(session).toMatchObject({ boundMs: 1_800_000, negativeTtlMs: 0, near: true, degradedThen: 'fail' })
    expect(cart).toMatchObject({ boundMs: 60_000, degradedMs: 120_000, degradedThen: 'stale' })
  })
})

describe('a configuration with as little as possible in it', () => {
  it('gets every default', () => {
    const { keyspaces, origins, ...rest } = configOf(
      `${EMBEDDED}origins: { app: { type: grpc, target: "app:1" } }\nkeyspaces: { k: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: app } }`,
    )
    expect(rest).toEqual({
      env: 'test',
      heartbeatMs: 1_000,
      lingerMs: 0,
      drainMs: 10_000,
      listen: {
        grpc: { host: '127.0.0.1', port: 7400 },
        socket: '/run/ringside/ringside.sock',
        admin: { host: '127.0.0.1', port: 7401 },
        health: undefined,
        engine: 'wire',
      },
      shards: { topology: 'embedded', count: 3, timeoutMs: 200 },
      near: { maxBytes: undefined, policy: 'frequency', prewarm: true },
      hot: { leastRate: 200, targetShare: 0.25, labels: 0 },
      lease: { ttlMs: 3_000, waitMs: 1_000 },
      locks: { enabled: false, maxTtlMs: 60_000 },
      limits: { valueBytes: 4_194_304, batch: 1_000, inFlight: 10_000, loopLagMs: 200, memoryBytes: undefined },
      audit: { share: 0.001, originShare: 0.1, perSecond: 5 },
      log: { level: 'info' },
      admin: { tokenFile: undefined, flush: false },
      events: { sources: [], rules: [] },
    })
    expect(origins[0]).toMatchObject({
      timeoutMs: 2_000,
      batch: 500,
      minConcurrent: 4,
      maxConcurrent: 16,
      maxWaiting: 10_000,
      lagMs: 0,
    })
    expect(keyspaces[0]).toEqual({
      name: 'k',
      version: 1,
      kind: 'value',
      consistency: 'bounded',
      boundMs: 5_000,
      ttlMs: 600_000,
      jitter: 0.1,
      softTtlMs: undefined,
      negativeTtlMs: 30_000,
      origin: 'app',
      tenants: 'none',
      encoding: 'json',
      keyPattern: undefined,
      near: true,
      nearShare: 1,
      nearGroup: undefined,
      lagMs: 0,
      maxCopies: 4,
      replicaReads: false,
      writes: undefined,
      maxBacklog: 0,
      coalesceMs: 0,
      degradedMs: 0,
      degradedThen: 'origin',
    })
  })
})
