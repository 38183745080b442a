import { describe, expect, it } from 'vitest'
import { configChanges } from '../../src/config/config-changes.ts'
import { keyspacesInForce } from '../../src/config/hot-keyspaces.ts'
import { configOf } from './loading.ts'

const started = configOf(fileWith('product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: app }'))

function fileWith(keyspaces: string, origin = 'target: "app:1"'): string {
  return `
env: test
heartbeat: 1s
shards: { topology: embedded }
origins: { app: { type: grpc, ${origin} } }
keyspaces: { ${keyspaces} }
`
}

function product(more: string): string {
  return fileWith(`product: { origin: app, ${more} }`)
}

const BOUNDED = 'consistency: bounded, maxStaleness: 5s, ttl: 10m'

describe('a changed keyspace', () => {
  it.each([
    ['consistency: bounded, maxStaleness: 4s, ttl: 10m', { boundMs: 4_000 }],
    ['consistency: bounded, maxStaleness: 5s, ttl: 9m', { ttlMs: 540_000 }],
    [`${BOUNDED}, jitter: 20%`, { jitter: 0.2 }],
    [`${BOUNDED}, softTtl: 8m`, { softTtlMs: 480_000 }],
    [`${BOUNDED}, negativeTtl: 5s`, { negativeTtlMs: 5_000 }],
    [`${BOUNDED}, tenants: required`, { tenants: 'required' }],
    [`${BOUNDED}, key: "[0-9]+"`, { keyPattern: expect.any(RegExp) }],
    [`${BOUNDED}, hot: { maxCopies: 2 }`, { maxCopies: 2 }],
    [`${BOUNDED}, degraded: { maxStaleness: 1m, then: stale }`, { degradedMs: 60_000, degradedThen: 'stale' }],
  ])('is in force at once where it says %s', (more, rules) => {
    const changed = configOf(product(more))
    expect(configChanges(started, changed)).toEqual({ hot: ['keyspaces.product'], cold: [] })
    expect(keyspacesInForce(started, changed)).toMatchObject([{ name: 'product', ...rules }])
  })

  it.each([
    'consistency: strong, ttl: 10m',
    `${BOUNDED}, version: 2`,
    `${BOUNDED}, kind: counter`,
    `${BOUNDED}, near: false`,
    `${BOUNDED}, near: { maxShare: 50% }`,
    `${BOUNDED}, encoding: msgpack`,
  ])('waits for a restart as a whole where it says %s', (more) => {
    const result = configOf(fileWith(`product: { ${more.includes('counter') ? '' : 'origin: app, '}${more} }`))
    expect(configChanges(started, result)).toEqual({ hot: [], cold: ['keyspaces.product'] })
    expect(keyspacesInForce(started, result)).toEqual(started.keyspaces)
  })

  it('waits where its bound needs the heartbeat of the same file', () => {
    const text = product('consistency: bounded, maxStaleness: 1s, ttl: 10m').replace(
      'heartbeat: 1s',
      'heartbeat: 500ms',
    )
    expect(configChanges(started, configOf(text)).cold).toEqual(['heartbeat', 'keyspaces.product'])
  })
})

describe('a new keyspace', () => {
  const OLD = `product: { ${BOUNDED}, origin: app }`

  it.each([
    'fresh: { consistency: strong, ttl: 1m }',
    'fresh: { consistency: bounded, maxStaleness: 5s, ttl: 1m, origin: app }',
  ])('is served at once: %s', (fresh) => {
    // Before the others, whose places in the list are not to matter.
    const changed = configOf(fileWith(`${fresh}, ${OLD}`))
    expect(configChanges(started, changed)).toEqual({ hot: ['keyspaces.fresh'], cold: [] })
    expect(keyspacesInForce(started, changed).map(({ name }) => name)).toEqual(['product', 'fresh'])
    expect(keyspacesInForce(started, changed)[0]).toEqual(started.keyspaces[0])
  })

  it('waits where something has to be opened for it', () => {
    const fresh = 'fresh: { consistency: tolerant, ttl: 1m, origin: app'
    const writing = `${fresh}, writes: { strategy: write-behind, acceptLoss: true } }`
    for (const text of [
      fileWith(`${OLD}, ${writing}`),
      fileWith(`${OLD}, ${fresh}, near: { maxShare: 10% } }`),
      fileWith(`${OLD}, ${fresh} }`, 'target: "other:1"'),
    ]) {
      expect(configChanges(started, configOf(text)).cold).toContain('keyspaces.fresh')
      expect(keyspacesInForce(started, configOf(text))).toEqual(started.keyspaces)
    }
  })

  it('may go again, unlike one that was there at the start', () => {
    const both = configOf(fileWith(`${OLD}, fresh: { consistency: strong, ttl: 1m }`))
    const less = configOf(fileWith(OLD))
    expect(configChanges(both, less, started)).toEqual({ hot: ['keyspaces.fresh'], cold: [] })
    const none = configOf(fileWith(''))
    expect(configChanges(started, none).cold).toEqual(['keyspaces.product'])
    expect(keyspacesInForce(started, none)).toEqual(started.keyspaces)
  })
})
