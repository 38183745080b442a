import { describe, expect, it } from 'vitest'
import { configOf, EMBEDDED, problemsOf } from './loading.ts'

const GUARDED = 'insert … $1 $2 $4'
const ORIGINS = `origins:
  app: { type: grpc, target: "app:1" }
  kept: { type: postgres, url: "postgres://h/db", load: "select $1", store: "${GUARDED}", delete: "update … $1 $3" }
  plain: { type: postgres, url: "postgres://h/db", load: "select $1", store: "insert … $1 $2" }
  deletes: { type: postgres, url: "postgres://h/db", load: "select $1", store: "${GUARDED}", delete: "delete … $1" }
`
/** Line 8 has the keyspace. */
const keyspace = (fields: string) => `${EMBEDDED}${ORIGINS}keyspaces: { k: { ${fields} } }`
const BEHIND = 'writes: { strategy: write-behind, acceptLoss: true }'

describe('a keyspace whose origin hears of changes later', () => {
  it.each([
    `consistency: tolerant, ttl: 1m, origin: app, ${BEHIND}`,
    `consistency: tolerant, ttl: 1m, origin: kept, ${BEHIND}`,
    `kind: counter, consistency: tolerant, ttl: 1m, origin: kept, ${BEHIND}`,
    'kind: counter, consistency: tolerant, ttl: 1m, origin: kept, writes: { strategy: write-behind, acceptLoss: true, maxBacklog: 5, coalesce: 5ms }',
    'kind: counter, consistency: strong, ttl: 1m, writes: { coalesce: 5ms }',
  ])('is accepted: %s', (fields) => {
    expect(problemsOf(keyspace(fields))).toEqual([])
  })

  it('has a bound of its backlog, and adds nothing together, unless it says so', () => {
    const { keyspaces } = configOf(keyspace(`consistency: tolerant, ttl: 1m, origin: kept, ${BEHIND}`))
    expect(keyspaces[0]).toMatchObject({ writes: 'write-behind', maxBacklog: 100_000, coalesceMs: 0 })
  })

  it.each([
    [`consistency: strong, ttl: 1m, origin: kept, ${BEHIND}`, 'consistency (line 8): must be tolerant'],
    [
      `consistency: bounded, maxStaleness: 5s, ttl: 1m, origin: kept, ${BEHIND}`,
      'consistency (line 8): must be tolerant',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: kept, writes: { strategy: write-behind }',
      'writes.acceptLoss (line 8): must be true for write-behind: what a shard has not replicated',
    ],
    [`consistency: tolerant, ttl: 1m, ${BEHIND}`, 'writes (line 8): needs an `origin` that stores'],
    [`consistency: tolerant, ttl: 1m, origin: plain, ${BEHIND}`, 'origin (line 8): needs a `store` that goes by $4'],
    [`consistency: tolerant, ttl: 1m, origin: deletes, ${BEHIND}`, 'origin (line 8): needs a `delete` that goes by $3'],
    [
      'kind: counter, consistency: tolerant, ttl: 1m, origin: kept, writes: { strategy: write-through }',
      'writes.strategy (line 8): must be write-behind for counters',
    ],
    [
      'consistency: tolerant, ttl: 1m, origin: kept, writes: { coalesce: 5ms }',
      'writes.coalesce (line 8): is for counters',
    ],
  ])('is refused where it could not keep its promise: %s', (fields, problem) => {
    expect(problemsOf(keyspace(fields)).join('\n')).toContain(problem)
  })

  it('is refused on a Redis Cluster', () => {
    const cluster = `env: prod\nshards: { topology: cluster, seeds: ["redis://a:6379"] }\n${ORIGINS}`
    const problems = problemsOf(
      `${cluster}keyspaces: { k: { consistency: tolerant, ttl: 1m, origin: kept, ${BEHIND} } }`,
    )
    expect(problems.join('\n')).toContain('write-behind is not available with `topology: cluster`')
  })
})
