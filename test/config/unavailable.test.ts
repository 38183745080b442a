import { describe, expect, it } from 'vitest'
import { UNAVAILABLE } from '../../src/config/unavailable.ts'
import { configOf, problemsOf } from './loading.ts'

/** A good configuration, with `more` added to the map at `place`. */
function textWith(place: 'top' | 'node' | 'origin' | 'keyspace', more: string): string {
  const at = (name: string) => (name === place ? `, ${more}` : '')
  return `{ env: prod,
listen: { admin: "127.0.0.1:7401" },
shards: { nodes: [{ name: a${at('node')}, primary: "redis://h" }] },
origins: { app: { type: grpc, target: "app:1"${at('origin')} } },
keyspaces: { k: { consistency: tolerant, ttl: 1m, origin: app${at('keyspace')} } }${at('top')} }`
}

const REFUSED = [
  ['near.maxShare', textWith('top', 'near: { maxShare: 50% }'), 'near.maxShare (line 5): is not available yet'],
  [
    'keyspaces.*.replicas.wait',
    textWith('keyspace', 'replicas: { wait: 1 }'),
    'keyspaces.k.replicas.wait (line 5): is not available yet; use 0',
  ],
  [
    'keyspaces.*.locks',
    textWith('keyspace', 'locks: { enabled: true }'),
    'keyspaces.k.locks (line 5): is not available yet',
  ],
] as const

describe('what is not available yet', () => {
  it('is tested row by row', () => {
    expect(REFUSED.map(([path]) => path)).toEqual(UNAVAILABLE.map(({ path }) => path))
  })

  it.each(REFUSED)('is refused with that one message: %s', (_path, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)])
  })

  it('may be written as long as it is off', () => {
    const config = configOf(`
env: prod
shards: { topology: embedded }
admin: { tokenFile: "" }
origins: { app: { type: grpc, target: "app:1", lag: 0ms } }
keyspaces: { k: { consistency: tolerant, ttl: 1m, replicas: { read: false, wait: 0 } } }`)
    expect(config.origins[0]?.lagMs).toBe(0)
  })

  it('does not hide what else is wrong', () => {
    expect(
      problemsOf('env: prod\nshards: { topology: sentinel, count: x }\nnear: { maxShare: 50% }\nlog: { level: loud }'),
    ).toEqual([
      'shards.topology (line 2): must be one of ring, cluster, embedded',
      'shards.count (line 2): must be a whole number from 1 to 64',
      'near.maxShare (line 3): is not available yet; remove it',
      'log.level (line 4): must be one of debug, info, warn, error',
    ])
  })
})
