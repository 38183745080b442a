import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { EMBEDDED, problemsOf } from './loading.ts'

describe('a configuration with mistakes', () => {
  it('has all ten of them listed at once, each with its path and line', () => {
    const text = [
      'env: "prod:eu"',
      'heartbeat: 1',
      'shards:',
      '  nodes:',
      '    - { name: a, primary: "redis://10.0.0.1:6379" }',
      '    - { name: b, primary: "http://10.0.0.2:6379" }',
      'near: { maxBytes: 64 MiB }',
      'events: []',
      'origins:',
      '  catalog:',
      '    type: postgres',
      '    url: ${CATALOG_URL}',
      '    load: select id as key, name as value from products where id = any($1)',
      'keyspaces:',
      '  product:',
      '    consistency: bounded',
      '    maxStalenes: 5s',
      '    ttl: 10m',
      '    softTtl: 10m',
      '    origin: catalogue',
      '  permissions: { consistency: strong, softTtl: 1s, ttl: 30s, origin: catalog }',
    ].join('\n')
    const result = loadConfig(text, { env: {} })
    expect(result.ok ? [] : result.problems.map(({ path, line }) => `${path} ${line}`)).toEqual([
      'env 1',
      'heartbeat 2',
      'shards.nodes[1].primary 6',
      'near.maxBytes 7',
      'events 8',
      'origins.catalog.url 12',
      'keyspaces.product.maxStalenes 17',
      'keyspaces.product.softTtl 19',
      'keyspaces.product.origin 20',
      'keyspaces.permissions.softTtl 21',
    ])
  })

  it('names the key that was probably meant, and does not call that one missing', () => {
    expect(problemsOf(`${EMBEDDED}keyspaces:\n  k: { consistency: bounded, maxStalenes: 5s, tl: 1m }`)).toEqual([
      'keyspaces.k.maxStalenes (line 4): is not a known key; did you mean `maxStaleness`?',
      'keyspaces.k.tl (line 4): is not a known key; did you mean `ttl`?',
    ])
  })

  it('lists what is allowed where no key is alike', () => {
    expect(problemsOf(`${EMBEDDED}lease: { forever: true }`)).toEqual([
      'lease.forever (line 3): is not a known key; allowed here: ttl, wait',
    ])
  })

  it.each([
    ['', '(file): is empty; write at least `env` and `shards`'],
    ['[]', '(file): must be a map of env, heartbeat, drain,'],
    ['shards: { topology: embedded }', 'env: is missing; write text of 1 to 64 characters'],
    ['env: prod', 'shards.nodes: is missing; list the Redis servers of the ring'],
    [`${EMBEDDED}lease:`, 'lease (line 3): has no value; write one or remove it'],
    [`${EMBEDDED}lease: 3s`, 'lease (line 3): must be a map of ttl, wait'],
    [`${EMBEDDED}lease: { wait: 0s }`, 'lease.wait (line 3): must be from 1ms to 10m'],
    [`${EMBEDDED}drain: 500`, 'drain (line 3): has no unit; write a unit, such as 500ms'],
    [`${EMBEDDED}drain: -5s`, 'drain (line 3): is not a duration'],
    [`${EMBEDDED}drain: [5s]`, 'drain (line 3): must be a duration'],
    [`${EMBEDDED}limits: { batch: 1.5 }`, 'limits.batch (line 3): must be a whole number from 1 to 100000'],
    [`${EMBEDDED}limits: { batch: .nan }`, 'limits.batch (line 3): must be a whole number from 1 to 100000'],
    [`${EMBEDDED}log: { level: trace }`, 'log.level (line 3): must be one of debug, info, warn, error'],
    [`${EMBEDDED}origins: []`, 'origins (line 3): must be a map from names'],
    [`${EMBEDDED}origins: { a: x }`, 'origins.a (line 3): must be a map'],
    [`${EMBEDDED}origins: { a: {} }`, 'origins.a.type (line 3): is missing; write one of postgres, grpc, file'],
    [
      `${EMBEDDED}origins: { a: { type: mysql } }`,
      'origins.a.type (line 3): is unknown; write one of postgres, grpc, file',
    ],
    [
      `${EMBEDDED}keyspaces: { "a:b": { consistency: tolerant, ttl: 1m } }`,
      'keyspaces["a:b"] (line 3): must be named with',
    ],
    [`${EMBEDDED}keyspaces: { k: { consistency: tolerant } }`, 'keyspaces.k.ttl (line 3): is missing'],
  ])('is told: %#', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)])
  })

  it('quotes no value, since any might be a secret', () => {
    const text = `${EMBEDDED}drain: hunter2\norigins: { db: { type: postgres, url: "hunter2", load: hunter2 } }\nlog: { level: hunter2 }`
    expect(problemsOf(text)).toHaveLength(4)
    expect(problemsOf(text).join()).not.toContain('hunter2')
  })
})

describe('loading', () => {
  it('never throws, whatever the text', () => {
    const fragment = fc.constantFrom(
      ...['env', 'shards', 'keyspaces', 'origins', 'near', 'ttl', ': ', '- ', '\n', '  ', '{', '}', '[', ']', ','],
      ...[
        '&a',
        '*a',
        '<<',
        '!!',
        '|',
        '>',
        '"',
        "'",
        '${',
        '}',
        '$$',
        '#',
        '---\n',
        '...',
        '? ',
        '%YAML',
        '__proto__',
        '\t',
      ],
      ...['tenants', 'nodes', 'hot', 'degraded', 'null', '~', '1', '1e999', 'k', '\u0000', '\ufeff'],
    )
    const yamlish = fc.array(fragment, { maxLength: 40 }).map((fragments) => fragments.join(''))
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (text) => {
        const result = loadConfig(text, { env: {} })
        expect(result.ok || result.problems.length > 0).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  it('never throws, whatever stands in the place of a value', () => {
    const value = fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.stringify(json))
    const place = fc.constantFrom(
      ...['env', 'shards', 'near', 'origins', 'keyspaces', 'listen', 'shards: { nodes', 'keyspaces: { k'],
      ...['origins: { o', 'keyspaces: { k: { near', 'keyspaces: { k: { degraded', 'keyspaces: { k: { tenants'],
    )
    fc.assert(
      fc.property(place, value, (start, json) => {
        const text = `${start}: ${json}${' }'.repeat(start.split('{').length - 1)}`
        expect(() => loadConfig(text, { env: {} })).not.toThrow()
      }),
      { numRuns: 1_000 },
    )
  })
})
