import { describe, expect, it } from 'vitest'
import { describeConfig } from '../../src/config/describe-config.ts'
import { keyspaceRules } from '../../src/config/keyspace-rules.ts'
import { runRules } from '../../src/config/rule.ts'
import { configOf, EMBEDDED, problemsOf } from './loading.ts'

const ORIGINS = `origins:
  app: { type: grpc, target: "app:1" }
  shared: { type: postgres, url: "postgres://h/db", load: "select $1" }
  split: { type: postgres, url: "postgres://h/db", load: "select $1, $2" }
  demo: { type: file, path: x }
  table: { type: postgres, url: "postgres://h/db", load: "select $1, $2", store: "insert $1, $2", delete: "delete $1" }
  tables: { type: postgres, url: "postgres://h/db", load: "select $1, $2", store: "insert $1, $2, $3", delete: "delete $1, $2" }
`
/** Line 10 has the keyspace. */
const keyspace = (fields: string) => `${EMBEDDED}${ORIGINS}keyspaces: { k: { ${fields} } }`

describe('a keyspace that keeps its promise', () => {
  it.each([
    'consistency: strong, ttl: 30s',
    'consistency: strong, ttl: 30s, hot: { maxCopies: 0 }',
    'consistency: tolerant, ttl: 30s, hot: { maxCopies: 64 }',
    'consistency: strong, ttl: 100ms, origin: app, near: false, tenants: required, degraded: { maxStaleness: 0s, then: origin }',
    'consistency: bounded, maxStaleness: 2s, ttl: 1s',
    'consistency: bounded, maxStaleness: 0s, ttl: 1m, near: true',
    'consistency: tolerant, ttl: 2s',
    'consistency: tolerant, ttl: 1s, maxStaleness: 2s',
    'consistency: tolerant, ttl: 1m, origin: app, softTtl: 59999ms, negativeTtl: 1m',
    'consistency: tolerant, ttl: 1m, origin: shared',
    'consistency: tolerant, ttl: 1m, origin: split, tenants: [a, b]',
    'consistency: tolerant, ttl: 1m, origin: demo',
    'consistency: tolerant, ttl: 1m, negativeTtl: 0s, tenants: optional',
    'consistency: tolerant, ttl: 1m, degraded: { maxStaleness: 1m, then: stale }',
    'consistency: tolerant, ttl: 1m, near: {}',
    'consistency: strong, ttl: 1m, origin: app, tenants: required, writes: {}',
    'consistency: bounded, maxStaleness: 5s, ttl: 1m, origin: table, writes: { strategy: write-through }',
    'consistency: tolerant, ttl: 1m, origin: tables, tenants: optional, writes: { strategy: invalidate }',
    'kind: counter, consistency: strong, ttl: 1d',
    'kind: counter, consistency: tolerant, ttl: 1d, origin: app, near: true',
  ])('is accepted: %s', (fields) => {
    expect(problemsOf(keyspace(fields))).toEqual([])
  })
})

describe('a keyspace that could not keep its promise', () => {
  it.each([
    ['ttl: 1m', 'consistency (line 10): is missing; write one of strong, bounded, tolerant'],
    ['kind: sum, consistency: strong, ttl: 1m', 'kind (line 10): must be one of value, counter'],
    [
      'kind: counter, consistency: tolerant, ttl: 1m, origin: app, softTtl: 5s',
      'softTtl (line 10): is not for counters',
    ],
    [
      'kind: counter, consistency: tolerant, ttl: 1m, origin: app, negativeTtl: 0s',
      'negativeTtl (line 10): must be above 0s for counters',
    ],
    ['consistency: eventual, ttl: 1m', 'consistency (line 10): must be one of'],
    ['consistency: tolerant', 'ttl (line 10): is missing'],
    ['consistency: tolerant, ttl: 0s', 'ttl (line 10): must be from 1ms to 365d'],
    ['consistency: strong, ttl: 1m, maxStaleness: 5s', 'maxStaleness (line 10): is not for strong keyspaces'],
    ['consistency: strong, ttl: 1m, maxStaleness: 0s', 'maxStaleness (line 10): is not for strong keyspaces'],
    ['consistency: strong, ttl: 1m, origin: app, softTtl: 5s', 'softTtl (line 10): is not for strong keyspaces'],
    ['consistency: strong, ttl: 1m, near: true', 'near (line 10): is not for strong keyspaces'],
    ['consistency: strong, ttl: 1m, near: { enabled: true }', 'near (line 10): is not for strong keyspaces'],
    [
      'consistency: strong, ttl: 1m, degraded: { maxStaleness: 1s }',
      'degraded.maxStaleness (line 10): is not for strong',
    ],
    ['consistency: strong, ttl: 1m, hot: { maxCopies: 1 }', 'hot.maxCopies (line 10): is not for strong keyspaces'],
    ['consistency: bounded, ttl: 1m', 'maxStaleness (line 10): is missing; a bounded keyspace needs its bound'],
    [
      'consistency: bounded, ttl: 1m, maxStaleness: 1999ms',
      'maxStaleness (line 10): must be 0s or at least two heartbeats, 2s',
    ],
    [
      'consistency: tolerant, ttl: 1m, maxStaleness: 1ms',
      'maxStaleness (line 10): must be 0s or at least two heartbeats, 2s',
    ],
    ['consistency: tolerant, ttl: 1999ms', 'ttl (line 10): as the bound of a tolerant keyspace'],
    [
      'consistency: tolerant, ttl: 1m, origin: app, softTtl: 60s',
      'softTtl (line 10): must be shorter than `ttl`, which is 1m',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: app, negativeTtl: 61s',
      'negativeTtl (line 10): must be at most `ttl`, which is 1m',
    ],
    ['consistency: tolerant, ttl: 1m, softTtl: 30s', 'softTtl (line 10): needs an `origin`'],
    ['consistency: tolerant, ttl: 1m, negativeTtl: 30s', 'negativeTtl (line 10): needs an `origin`'],
    [
      'consistency: tolerant, ttl: 1m, degraded: { then: origin }',
      'degraded.then (line 10): is origin, but the keyspace has none',
    ],
    [
      'consistency: tolerant, ttl: 1m, degraded: { then: stale }',
      'degraded.then (line 10): is stale, but nothing may be',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: ap',
      'origin (line 10): names an origin that is not defined; did you mean `app`?',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: warehouse',
      'origin (line 10): names an origin that is not defined; defined: app, shared, split, demo',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: shared, tenants: optional',
      "tenants (line 10): must be none, or the origin's `load` must use $2",
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: demo, tenants: [a]',
      'tenants (line 10): must be none: an origin of type file',
    ],
    ['consistency: tolerant, ttl: 1m, writes: {}', 'writes (line 10): needs an `origin` that stores'],
    [
      'consistency: tolerant, ttl: 1m, origin: shared, writes: {}',
      'writes (line 10): needs an origin that can store; give',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: demo, writes: {}',
      'writes (line 10): needs an origin that can store, which',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: app, writes: { strategy: back }',
      'writes.strategy (line 10): must be one of invalidate, write-through, write-behind',
    ],
    ['consistency: tolerant, ttl: 1m, tenants: []', 'tenants (line 10): must be one of'],
    ['consistency: tolerant, ttl: 1m, tenants: [a, a]', 'tenants (line 10): must be one of'],
    ['consistency: tolerant, ttl: 1m, tenants: ["a:b"]', 'tenants (line 10): must be one of'],
    ["consistency: tolerant, ttl: 1m, key: '['", 'key (line 10): does not compile'],
    ["consistency: tolerant, ttl: 1m, key: 'a)|(?:b'", 'key (line 10): does not compile'],
    ['consistency: tolerant, ttl: 1m, jitter: 0.1', 'jitter (line 10): has no percent sign'],
    ['consistency: tolerant, ttl: 1m, jitter: 91%', 'jitter (line 10): must be from 0 to 90%'],
    ['consistency: tolerant, ttl: 1m, version: 0', 'version (line 10): must be a whole number from 1'],
    [
      'consistency: tolerant, ttl: 1m, near: maybe',
      'near (line 10): must be true, false or { enabled: true | false, maxShare: 1% to 100% }',
    ],
    [
      'consistency: tolerant, ttl: 1m, near: { on: true }',
      'near (line 10): must be true, false or { enabled: true | false, maxShare: 1% to 100% }',
    ],
  ])('is refused with one problem: %s', (fields, problem) => {
    expect(problemsOf(keyspace(fields))).toEqual([expect.stringContaining(`keyspaces.k.${problem}`)])
  })

  it('may not write for tenants whom the statements of its origin do not tell apart', () => {
    const fields = 'consistency: tolerant, ttl: 1m, origin: table, tenants: required, writes: {}'
    expect(problemsOf(keyspace(fields))).toEqual([
      expect.stringContaining("keyspaces.k.tenants (line 10): must be none, or the origin's `store` must use $3"),
      expect.stringContaining("keyspaces.k.tenants (line 10): must be none, or the origin's `delete` must use $2"),
    ])
  })

  it('is told so for staleness in emergencies of a strong one, whichever way it is asked for', () => {
    const fields = 'consistency: strong, ttl: 1m, degraded: { maxStaleness: 1s, then: stale }'
    expect(problemsOf(keyspace(fields))).toHaveLength(2)
  })

  it('is judged as far as it can be while other things are wrong', () => {
    const text = `heartbeat: 1\n${keyspace('consistency: strong, ttl: x, softTtl: 1s, maxStaleness: 1ms, origin: nope')}`
    expect(problemsOf(text)).toEqual([
      'heartbeat (line 1): has no unit; write a unit, such as 500ms',
      expect.stringContaining('keyspaces.k.ttl (line 11): is not a duration'),
      expect.stringContaining('keyspaces.k.maxStaleness (line 11): is not for strong keyspaces'),
      expect.stringContaining('keyspaces.k.softTtl (line 11): is not for strong keyspaces'),
      expect.stringContaining('keyspaces.k.origin (line 11): names an origin that is not defined'),
    ])
  })

  it('is not judged by what is wrong by itself', () => {
    expect(problemsOf(keyspace('consistency: bounded, maxStaleness: 5, ttl: 1m'))).toHaveLength(1)
    expect(problemsOf(`heartbeat: 1\n${keyspace('consistency: bounded, maxStaleness: 1s, ttl: 1m')}`)).toHaveLength(1)
    expect(
      problemsOf(`${EMBEDDED}origins: []\nkeyspaces: { k: { consistency: tolerant, ttl: 1m, origin: x } }`),
    ).toHaveLength(1)
  })
})

describe('an origin slower than the lease', () => {
  const text = (timeout: string, ttl: string) => `${EMBEDDED}lease: { ttl: ${ttl} }
origins: { app: { type: grpc, target: "app:1", timeout: ${timeout} } }
keyspaces: { k: { consistency: tolerant, ttl: 1m, origin: app } }`

  it('is refused, since other sidecars would load what is being loaded', () => {
    expect(problemsOf(text('3s', '3s')).join()).toMatch(/keyspaces\.k\.origin .*may take 3s.*`lease\.ttl`, 3s/)
    expect(problemsOf(text('2999ms', '3s'))).toEqual([])
  })
})

describe('compression', () => {
  const text = (more: string) => `${EMBEDDED}keyspaces: { k: { consistency: tolerant, ttl: 1m${more} } }`
  const compressed = (more: string) => configOf(text(more)).keyspaces[0]?.compress

  it('is off unless asked for, and from 4 KiB on by deflate unless it says otherwise', () => {
    expect(compressed('')).toBeUndefined()
    expect(compressed(', compress: {}')).toEqual({ algorithm: 'deflate', aboveBytes: 4_096 })
    const other = ', compress: { above: 64KiB, algorithm: brotli }'
    expect(compressed(other)).toEqual({ algorithm: 'brotli', aboveBytes: 65_536 })
    expect(describeConfig(configOf(text(other)))).toContain('above: 64KiB\n      algorithm: brotli')
  })

  it('is not for counters, whose sums are changed where they are', () => {
    expect(problemsOf(text(', kind: counter, compress: { above: 4KiB }')).join()).toMatch(
      /keyspaces\.k\.compress .*is not for counters/,
    )
  })
})

describe('the encoding of values', () => {
  const text = (encoding: string) => `${EMBEDDED}origins:
  rows: { type: postgres, url: "postgres://db/shop", load: "select k as key, v as value from t where k = any($1)", encoding: msgpack }
keyspaces: { k: { consistency: tolerant, ttl: 1m, origin: rows${encoding} }, aside: { consistency: tolerant, ttl: 1m } }`

  it('is what the origin writes, JSON where nothing says what', () => {
    expect(configOf(text('')).keyspaces.map(({ encoding }) => encoding)).toEqual(['msgpack', 'json'])
    expect(problemsOf(text(', encoding: msgpack'))).toEqual([])
  })

  it('is refused where the origin writes something else', () => {
    expect(problemsOf(text(', encoding: json')).join()).toMatch(
      /keyspaces\.k\.encoding .*is not what its origin writes, msgpack/,
    )
  })
})

describe('what is refused as not available anyway', () => {
  const problemsAt = (fields: object) => {
    const paths: string[] = []
    runRules(keyspaceRules, { consistency: 'strong', ...fields }, [], (path) => paths.push(path.join('.')))
    return paths
  }

  it('is not for strong keyspaces either: an origin with lag', () => {
    expect(problemsAt({ target: { lag: 1 } })).toEqual(['origin'])
    expect(problemsAt({ target: { lag: 0 } })).toEqual([])
  })
})

describe('what a keyspace leaves out', () => {
  const policy = (fields: string) => configOf(keyspace(fields)).keyspaces[0]

  it('is filled in by its consistency', () => {
    expect(policy('consistency: strong, ttl: 10s, origin: app')).toMatchObject({
      boundMs: 0,
      near: false,
      negativeTtlMs: 10_000,
      degradedMs: 0,
      degradedThen: 'origin',
    })
    expect(policy('consistency: tolerant, ttl: 10m, origin: app')).toMatchObject({
      boundMs: 600_000,
      near: true,
      negativeTtlMs: 30_000,
      jitter: 0.1,
      softTtlMs: undefined,
      version: 1,
      tenants: 'none',
    })
  })

  it('never sends a keyspace without an origin to one', () => {
    expect(policy('consistency: tolerant, ttl: 1m')).toMatchObject({ negativeTtlMs: 0, degradedThen: 'fail' })
    expect(policy('consistency: tolerant, ttl: 1m, degraded: { maxStaleness: 1m }')).toMatchObject({
      degradedThen: 'stale',
    })
  })
})

describe('a keyspace on a cluster', () => {
  it('may not read replicas', () => {
    const text = `env: a
shards: { topology: cluster, seeds: ["redis://h"] }
keyspaces: { k: { consistency: tolerant, ttl: 1m, replicas: { read: true } } }`
    expect(problemsOf(text)).toEqual([
      expect.stringContaining('keyspaces.k.replicas.read (line 3): must be false with `topology: cluster`'),
    ])
  })
})
