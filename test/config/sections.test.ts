import { describe, expect, it } from 'vitest'
import { configOf, EMBEDDED, problemsOf } from './loading.ts'

const ring = (nodes: string) => `env: prod\nshards: { nodes: ${nodes} }`
const cluster = (fields: string) => `env: prod\nshards: { topology: cluster, ${fields} }`
const listening = (fields: string) => `${EMBEDDED}listen: { ${fields} }`
const origin = (fields: string) => `${EMBEDDED}origins: { o: { ${fields} } }`

describe('where the sidecar listens', () => {
  it.each([
    ['grpc: "127.0.0.1:70000"', 'listen.grpc (line 3): has a port above 65535'],
    ['grpc: "127.0.0.1"', 'listen.grpc (line 3): is not an address'],
    ['grpc: 7400', 'listen.grpc (line 3): must be an address'],
    ['admin: off', 'listen.admin (line 3): is not an address'],
    ['grpc: off, socket: ""', 'listen.grpc (line 3): is off like `socket`, so nobody could call'],
    ['grpc: "h:1", admin: "h:1"', 'listen.admin (line 3): is the same address as `grpc`'],
    ['admin: "127.0.0.1:1", health: "0.0.0.0:1"', 'listen.health (line 3): has the port of `admin`; give each its own'],
    ['grpc: "127.0.0.1:1", health: "0.0.0.0:1"', 'listen.health (line 3): has the port of `grpc`; give each its own'],
    ['socket: run/x.sock', 'listen.socket (line 3): must be an absolute path'],
    [`socket: /${'x'.repeat(107)}`, 'listen.socket (line 3): must be an absolute path of at most 107 bytes'],
    ['engine: node', 'listen.engine (line 3): must be one of wire, grpc-js'],
  ])('may not be %s', (fields, problem) => {
    expect(problemsOf(listening(fields))).toEqual([expect.stringContaining(problem)])
  })

  it('may be a socket or an address alone, and ports that the system chooses', () => {
    expect(configOf(listening('grpc: ""')).listen.grpc).toBeUndefined()
    expect(configOf(listening('socket: off')).listen.socket).toBeUndefined()
    expect(configOf(listening('grpc: "h:0", admin: "h:0"')).listen.admin.port).toBe(0)
  })
})

describe('the shards', () => {
  it.each([
    [ring('[]'), 'shards.nodes (line 2): is empty; list at least one Redis server'],
    [ring('[{ name: a }]'), 'shards.nodes[0].primary (line 2): is missing'],
    [ring('[{ name: "a:b", primary: "redis://h" }]'), 'shards.nodes[0].name (line 2): must be text of 1 to 64'],
    [ring('[{ name: a, primary: "redis:///0" }]'), 'shards.nodes[0].primary (line 2): must be a redis://'],
    [ring('[{ name: a, primary: "redis://h/one" }]'), 'shards.nodes[0].primary (line 2): must be a redis://'],
    [ring('[{ name: a, primary: "redis://h:99999" }]'), 'shards.nodes[0].primary (line 2): must be a redis://'],
    [
      ring('[{ name: a, primary: "redis://h", weight: 0 }]'),
      'shards.nodes[0].weight (line 2): must be a whole number from 1 to 100',
    ],
    [
      ring('[{ name: a, primary: "redis://h", weight: 1.5 }]'),
      'shards.nodes[0].weight (line 2): must be a whole number',
    ],
    [
      ring('[{ name: a, primary: "redis://h", state: gone }]'),
      'shards.nodes[0].state (line 2): must be one of joining, active, leaving',
    ],
    [
      ring('[{ name: a, primary: "redis://h", state: leaving }, { name: b, primary: "redis://i", state: joining }]'),
      'shards.nodes (line 2): none is active; a ring changes node by node',
    ],
    [
      `${ring('[{ name: a, primary: "redis://h" }]').slice(0, -1)}, count: 3 }`,
      'shards.count (line 2): belongs to `topology: embedded`',
    ],
    ['env: a\nshards: { topology: embedded, nodes: [] }', 'shards.nodes (line 2): belongs to `topology: ring`'],
    ['env: a\nshards: { topology: star }', 'shards.topology (line 2): must be one of ring, cluster, embedded'],
    [
      cluster('nodes: [], seeds: ["redis://h"]'),
      'shards.nodes (line 2): belongs to `topology: ring`; remove it, or give `seeds`',
    ],
    [cluster('count: 3, seeds: ["redis://h"]'), 'shards.count (line 2): belongs to `topology: embedded`'],
    [cluster('timeout: 1s'), 'shards.seeds (line 2): is missing; list some nodes of the cluster'],
    [cluster('seeds: []'), 'shards.seeds (line 2): is empty; list at least one node of the cluster'],
    [cluster('seeds: ["http://h"]'), 'shards.seeds[0] (line 2): must be a redis://'],
    [cluster('seeds: ["redis://h/1"]'), 'shards.seeds[0] (line 2): names a database; a cluster has only the first'],
    [cluster('seeds: ["redis://h", "rediss://i"]'), 'shards.seeds[1] (line 2): differs from the first in scheme'],
    [
      cluster('seeds: ["redis://a:b@h", "redis://a:c@h"]'),
      'shards.seeds[1] (line 2): differs from the first in scheme',
    ],
    [
      'env: a\nshards: { topology: embedded, seeds: ["redis://h"] }',
      'shards.seeds (line 2): belongs to `topology: cluster`',
    ],
  ])('are refused: %s', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)])
  })

  it('may be found by some nodes of a cluster', () => {
    const { shards } = configOf(cluster('seeds: ["redis://u:p@h:7000", "redis://u:p@i:7000/0"]'))
    expect(shards).toEqual({
      topology: 'cluster',
      seeds: [
        { url: 'redis://u:p@h:7000', shown: 'redis://u:***@h:7000' },
        { url: 'redis://u:p@i:7000/0', shown: 'redis://u:***@i:7000/0' },
      ],
      timeoutMs: 200,
    })
  })

  it('are refused where two have one name or one server, with the reason, however it is written', () => {
    const nodes = '[{ name: a, primary: "redis://u:p@H" }, { name: a, primary: "rediss://h:6379/0", weight: 0 }]'
    expect(problemsOf(ring(nodes))).toEqual([
      'shards.nodes[1].weight (line 2): must be a whole number from 1 to 100',
      'shards.nodes[1].name (line 2): is the same as that of nodes[0]; two nodes of one name would take the same place on the ring',
      'shards.nodes[1].primary (line 2): is the same as that of nodes[0]; two nodes on one server are no two shards',
    ])
  })

  it('are refused where a replica has another role already', () => {
    const nodes =
      '[{ name: a, primary: "redis://a", replicas: ["redis://b", "redis://B:6379", 7] }, { name: b, primary: "redis://b", replicas: ["redis://b"] }]'
    expect(problemsOf(ring(nodes))).toEqual([
      expect.stringContaining('shards.nodes[0].replicas[2] (line 2): must be'),
      'shards.nodes[0].replicas[0] (line 2): is the same server as nodes[1].primary; remove one',
      'shards.nodes[0].replicas[1] (line 2): is the same server as nodes[1].primary; remove one',
      'shards.nodes[1].replicas[0] (line 2): is the same server as nodes[1].primary; remove one',
    ])
    expect(problemsOf(ring('[{ name: a, primary: "redis://a", replicas: ["redis://b", "redis://b"] }]'))).toEqual([
      'shards.nodes[0].replicas[1] (line 2): is the same server as nodes[0].replicas[0]; remove one',
    ])
  })

  it.each([
    [
      '{ master: "a b", nodes: ["s:1"] }',
      'sentinel.master (line 2): must be the name under which the Sentinels know it',
    ],
    ['{ nodes: ["s:1"] }', 'sentinel.master (line 2): is missing'],
    ['{ master: m }', 'sentinel.nodes (line 2): must be a list'],
    ['{ master: m, nodes: [] }', 'sentinel.nodes (line 2): is empty; list the Sentinels'],
    ['{ master: m, nodes: ["s:1", 7] }', 'sentinel.nodes[1] (line 2): must be the address of a Sentinel'],
    ['{ master: m, nodes: ["redis:///1"] }', 'sentinel.nodes[0] (line 2): must be the address of a Sentinel'],
    ['{ master: m, nodes: ["s:1/2"] }', 'sentinel.nodes[0] (line 2): must be the address of a Sentinel'],
    ['{ master: m, nodes: ["u:hunter2@s:1"] }', 'sentinel.nodes[0] (line 2): must be the address of a Sentinel'],
    [
      '{ master: m, nodes: ["s", "redis://u@S:26379"] }',
      'sentinel.nodes[1] (line 2): is the same Sentinel as one before',
    ],
    ['{ master: m, nodes: ["s:1"], port: 1 }', 'sentinel.port (line 2): is not a known key'],
    ['{ master: m, nodes: ["s:1"] }, primary: "redis://h"', 'primary (line 2): is told by the Sentinels'],
    ['{ master: m, nodes: ["s:1"] }, replicas: ["redis://h"]', 'replicas (line 2): are told by the Sentinels'],
  ])('are refused where their Sentinels are %s', (sentinel, problem) => {
    const text = ring(`[{ name: a, sentinel: ${sentinel} }]`)
    expect(problemsOf(text)).toEqual([expect.stringContaining(`shards.nodes[0].${problem}`)])
  })

  it('are refused where two have one master at the same Sentinels', () => {
    const at = (name: string, master: string, nodes: string) =>
      `{ name: ${name}, sentinel: { master: ${master}, nodes: ${nodes} } }`
    const text = ring(`[${at('a', 'm', '[s1, s2]')}, ${at('b', 'n', '[s1, s2]')}, ${at('c', 'm', '[s3, "S2:26379"]')}]`)
    expect(problemsOf(text)).toEqual([
      expect.stringContaining('shards.nodes[2].sentinel.master (line 2): is the same as that of nodes[0]'),
    ])
    expect(problemsOf(ring(`[${at('a', 'm', '[s1]')}, ${at('b', 'm', '[s2]')}]`))).toEqual([])
  })

  it('know their Sentinels by names and addresses, at the usual port where none is written', () => {
    const nodes = '["sentinel-1", "10.0.0.1:5000", "[fd00::1]:26380", "rediss://u:p%40@[fd00::2]"]'
    expect(configOf(ring(`[{ name: a, sentinel: { master: m, nodes: ${nodes} } }]`)).shards).toMatchObject({
      nodes: [
        {
          sentinel: {
            nodes: [
              { url: 'redis://sentinel-1:26379' },
              { url: 'redis://10.0.0.1:5000' },
              { url: 'redis://[fd00::1]:26380' },
              { url: 'rediss://u:p%40@[fd00::2]:26379' },
            ],
          },
        },
      ],
    })
  })

  it('may share a server under different databases', () => {
    expect(problemsOf(ring('[{ name: a, primary: "redis://h/1" }, { name: b, primary: "redis://h/2" }]'))).toEqual([])
  })
})

describe('an origin', () => {
  it.each([
    ['type: postgres, url: "mysql://h/db", load: "$1"', 'origins.o.url (line 3): must be a postgres:// URL'],
    ['type: postgres, url: "postgres://h/db"', 'origins.o.load (line 3): is missing; write an SQL statement'],
    ['type: postgres, url: "postgres://h/db", load: "select $10"', 'origins.o.load (line 3): must be an SQL statement'],
    ['type: postgres, url: "postgres://h/db", load: $1, warm: "limit $2"', 'origins.o.warm (line 3): must be an SQL'],
    ['type: postgres, url: "postgres://h/db", load: $1, path: x', 'origins.o.path (line 3): is not a known key'],
    ['type: grpc, target: "a b"', 'origins.o.target (line 3): must be a gRPC target'],
    ['type: file', 'origins.o.path (line 3): is missing'],
    ['type: file, path: x, timeout: 0s', 'origins.o.timeout (line 3): must be from 1ms to 10m'],
    ['type: file, path: x, batch: 0', 'origins.o.batch (line 3): must be a whole number from 1'],
    ['type: file, path: x, minConcurrent: 0', 'origins.o.minConcurrent (line 3): must be a whole number from 1'],
    ['type: file, path: x, minConcurrent: 17', 'origins.o.minConcurrent (line 3): must not be above `maxConcurrent`'],
    ['type: file, path: x, maxWaiting: -1', 'origins.o.maxWaiting (line 3): must be a whole number from 0'],
    ['type: file, path: x, coldRate: 5000', 'origins.o.coldRate (line 3): has no unit'],
    ['type: file, path: x, coldRate: 0/s', 'origins.o.coldRate (line 3): must be from 1/s to 10000000/s'],
    ['type: file, path: x, latency: 20', 'origins.o.latency (line 3): has no unit'],
  ])('is refused: %s', (fields, problem) => {
    expect(problemsOf(origin(fields))).toEqual([expect.stringContaining(problem)])
  })

  it('runs no more loads at once than it may, though nobody wrote how many it always may', () => {
    expect(configOf(origin('type: file, path: x, maxConcurrent: 2')).origins[0]).toMatchObject({
      minConcurrent: 2,
      maxConcurrent: 2,
    })
  })

  it('keeps the path of its file as it is where the configuration is no file', () => {
    expect(configOf(origin('type: file, path: x.jsonl')).origins[0]).toMatchObject({ path: 'x.jsonl' })
    expect(configOf(origin('type: file, path: /x.jsonl'), {}, '/etc/c.yaml').origins[0]).toMatchObject({
      path: '/x.jsonl',
    })
  })
})
