import { expect, it } from 'vitest'
import { configOf, problemsOf } from './loading.ts'

const LOAD = 'select id as key, v as value from t where id = any($1) and $2 = $2'
const LIST = 'select id as key from t where id > coalesce($1::bigint, 0) order by id limit $2'

const textWith = (keyspace: string, warm: string | undefined, tenants = 'none') => `
env: prod
shards: { topology: embedded }
origins: { db: { type: postgres, url: "postgres://h/d", load: "${LOAD}"${warm === undefined ? '' : `, warm: "${warm}"`} } }
keyspaces: { k: { consistency: tolerant, ttl: 1m, tenants: ${tenants}${keyspace} } }`
const BY_QUERY = ', origin: db, warm: { from: query }'

it('warms a keyspace from what its origin lists', () => {
  const { keyspaces, origins } = configOf(
    textWith(', origin: db, warm: { from: query, rate: 50/s, notWithin: 1h }', LIST),
  )
  expect(keyspaces[0]?.preload).toEqual({ from: 'query', keysPerSecond: 50, notWithinMs: 3_600_000 })
  expect(origins[0]).toMatchObject({ warm: LIST })
  expect(configOf(textWith(BY_QUERY, LIST)).keyspaces[0]?.preload).toMatchObject({
    keysPerSecond: undefined,
    notWithinMs: 600_000,
  })
})

it.each([
  ['no origin', textWith(', warm: { from: hot }', undefined), 'needs an `origin` to load from'],
  ['an origin that lists nothing', textWith(BY_QUERY, undefined), 'give it a `warm` statement, or use hot'],
  ['tenants whom nobody names', textWith(BY_QUERY, LIST, 'required'), 'somebody must name the tenants'],
  ['a list that is the same for all tenants', textWith(BY_QUERY, LIST, '[a, b]'), 'does not use $3, the tenant'],
  [
    'a statement without pages',
    textWith('', 'select id as key from t'),
    'must be an SQL statement that yields the $2 keys after $1',
  ],
  ['a statement of other parameters', textWith('', `${LIST} offset $4`), 'must be an SQL statement'],
])('refuses %s', (_what, text, problem) => {
  expect(problemsOf(text).join('\n')).toContain(problem)
})
