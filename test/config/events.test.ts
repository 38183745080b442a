import { describe, expect, it } from 'vitest'
import { describeConfig } from '../../src/config/describe-config.ts'
import { configOf, EMBEDDED, problemsOf } from './loading.ts'

const KEYSPACES = `${EMBEDDED}keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 1m }
  session: { consistency: bounded, maxStaleness: 5s, ttl: 1m, tenants: required }
`

const SOURCES =
  'sources: { c: { type: postgres-replication, url: "postgres://h", slot: s, tables: [public.p, public.products] } }'

/** What is wrong with one rule, without its place. */
function flawsOf(rule: string): readonly string[] {
  return problemsOf(`${KEYSPACES}events: { ${SOURCES}, rules: [${rule}] }`).map((problem) =>
    problem.replace('events.rules[0].', '').replace(' (line 6)', ''),
  )
}

describe('event sources', () => {
  it('are an outbox of the usual names, unless they say otherwise', () => {
    const { events } = configOf(
      `${KEYSPACES}events:
  sources:
    shop: { type: postgres-outbox, url: "postgres://u:\${PASSWORD}@h/shop" }
    crm: { type: postgres-outbox, url: "postgres://h/crm", table: app.events, channel: wake }`,
      { PASSWORD: 'hunter2' },
    )
    expect(events.sources).toEqual([
      {
        type: 'postgres-outbox',
        name: 'shop',
        url: 'postgres://u:hunter2@h/shop',
        urlShown: 'postgres://u:***@h/shop',
        table: 'public.ringside_outbox',
        channel: 'ringside_outbox',
      },
      expect.objectContaining({ name: 'crm', table: 'app.events', channel: 'wake' }),
    ])
  })

  it.each([
    ['{ type: kafka }', 'shop.type (line 6): is unknown; write one of'],
    ['{ type: postgres-outbox }', 'shop.url (line 6): is missing'],
    [
      '{ type: postgres-outbox, url: "postgres://h/a", table: "a;b" }',
      'shop.table (line 6): must be the name of a table',
    ],
    [
      '{ type: postgres-outbox, url: "postgres://h/a", channel: "A B" }',
      'shop.channel (line 6): must be the name of a channel',
    ],
  ])('are refused where they are wrong: %s', (source, problem) => {
    expect(problemsOf(`${KEYSPACES}events: { sources: { shop: ${source} } }`)).toEqual([
      expect.stringContaining(`events.sources.${problem}`),
    ])
  })
})

describe('rules about events', () => {
  it.each([
    [
      '{ keys: [{ keyspace: product, key: "{id}" }] }',
      'events.rules[0]: is about nothing; write `on`, the type of its events, or `table`',
    ],
    ['{ on: A, table: public.p, keys: [{ keyspace: product, key: "{id}" }] }', 'on: goes with no `table`'],
    ['{ on: A, columns: [a], keys: [{ keyspace: product, key: "{id}" }] }', 'columns: belongs to `table`; remove it'],
    ['{ table: public.p, columns: [], keys: [{ keyspace: product, key: "{id}" }] }', 'columns: is empty'],
    [
      '{ table: public.prodcts, keys: [{ keyspace: product, key: "{id}" }] }',
      'table: is told of by no source; did you mean `public.products`?',
    ],
    [
      '{ table: products, keys: [{ keyspace: product, key: "{id}" }] }',
      'table: must be the name of a table with its schema',
    ],
    ['{ on: A }', 'events.rules[0]: outdates nothing; name at least one of `keys`, `tags` and `keyspaces`'],
    ['{ on: A, keyspaces: [prodct] }', 'keyspaces[0]: names a keyspace that is not defined; did you mean `product`?'],
    [
      '{ on: A, tags: [{ keyspace: prodct, tag: "{id}" }] }',
      'tags[0].keyspace: names a keyspace that is not defined; did you mean `product`?',
    ],
    [
      '{ on: A, tags: [{ keyspace: session, tag: "{id}" }] }',
      'tags[0].tenant: is missing; keyspace session requires one',
    ],
    [
      '{ on: A, keys: [{ keyspace: prodct, key: "{id}" }] }',
      'keys[0].keyspace: names a keyspace that is not defined; did you mean `product`?',
    ],
    ['{ on: A, keys: [{ keyspace: product }] }', 'keys[0].key: is missing; write text with fields'],
    ['{ on: A, keys: [{ keyspace: product, key: "{id" }] }', 'keys[0].key: has a { without its other half'],
    ['{ on: A, keys: [{ keyspace: product, key: "{}" }] }', 'keys[0].key: has braces that name no field'],
    [
      '{ on: A, keys: [{ keyspace: product, key: "{id}", tenant: "{t}" }] }',
      'keys[0].tenant: is given, but keyspace product has no tenants',
    ],
    [
      '{ on: A, keys: [{ keyspace: session, key: "{id}" }] }',
      'keys[0].tenant: is missing; keyspace session requires one',
    ],
    ['{ on: A, key: x, keys: [{ keyspace: product, key: "{id}" }] }', 'key: is not a known key; did you mean `keys`?'],
  ])('are refused where they are wrong: %s', (rule, problem) => {
    expect(flawsOf(rule)).toEqual([expect.stringContaining(problem)])
  })

  it('are about tables that a source tells of, with columns that the source is told to look after', () => {
    const { events } = configOf(`${KEYSPACES}events:
  ${SOURCES}
  rules:
    - { table: public.products, columns: [price], keys: [{ keyspace: session, key: "{id}", tenant: "{shop}" }] }`)
    expect(events.sources[0]).toMatchObject({
      publication: 'ringside',
      columns: new Map([
        ['public.p', []],
        ['public.products', ['id', 'shop']],
      ]),
    })
    expect(events.rules[0]?.match).toEqual({ table: 'public.products', columns: ['price'] })
  })

  it('are refused with all their problems at once', () => {
    expect(flawsOf('{ keys: [{ keyspace: prodct, key: "{" }] }')).toHaveLength(3)
  })
})

describe('the effective configuration', () => {
  it('shows events as they are written, and is one that means the same', () => {
    const config = configOf(`${KEYSPACES}events:
  sources:
    shop: { type: postgres-outbox, url: "postgres://h/shop" }
    catalog: { type: postgres-replication, url: "postgres://h/shop", slot: s, tables: [public.products] }
  rules:
    - { table: public.products, columns: [a], keys: [{ keyspace: product, key: "{id}" }] }
    - { on: B, tags: [{ keyspace: product, tag: "c:{c}" }], keyspaces: [session] }
    - { on: A, keys: [{ keyspace: product, key: "{{{id}" }, { keyspace: session, key: "{a.b}", tenant: "{t}" }] }`)
    const shown = describeConfig(config)
    expect(shown).toContain('key: "{{{id}"')
    expect(configOf(shown).events).toEqual(config.events)
  })
})
