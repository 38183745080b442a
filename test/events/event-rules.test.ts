import { describe, expect, it } from 'vitest'
import type { RowEvent, SourceEvent } from '../../src/events/event.ts'
import type { EventRules } from '../../src/events/event-rules.ts'
import { Targets } from '../../src/events/targets.ts'
import type { Fields } from '../../src/events/template.ts'
import { keyTemplate, ruleOf, rulesOf, tagTemplate } from './given-rules.ts'

function outdated(rules: EventRules, ...events: readonly SourceEvent[]) {
  const targets = new Targets()
  const verdicts = events.map((event) => rules.apply(event, targets))
  const keys = targets.keys.map(({ keyspace, tenant, key }) => [keyspace, tenant, key].filter(Boolean).join(' '))
  return { keys, flaws: verdicts.flatMap(({ flaws }) => flaws), matched: verdicts.map(({ matched }) => matched) }
}

const told = (type: string, fields: Fields): SourceEvent => ({ kind: 'domain', type, fields })

const changed = (change: Partial<RowEvent>): SourceEvent => ({
  kind: 'row',
  table: 'public.products',
  before: undefined,
  isBeforeWhole: false,
  after: undefined,
  ...change,
})

describe('a rule about an event', () => {
  const rules = rulesOf(
    ruleOf({ on: 'ProductUpdated' }, keyTemplate('product', '{id}'), keyTemplate('listing', 'cat:{category}')),
    ruleOf({ on: 'ProductUpdated' }, keyTemplate('session', '{id}', '{shop}')),
    ruleOf({ on: 'Sold' }, keyTemplate('product', '{item.id}')),
  )

  it('tells the keys that it outdates, of every rule of its type', () => {
    const event = told('ProductUpdated', { id: 7, category: 'toys', shop: 'acme' })
    expect(outdated(rules, event)).toEqual({
      keys: ['product 7', 'listing cat:toys', 'session acme 7'],
      flaws: [],
      matched: [true],
    })
  })

  it('tells a key once that several events outdate', () => {
    const events = ['1', '2', '1'].map((id) => told('Sold', { item: { id } }))
    expect(outdated(rules, ...events).keys).toEqual(['product 1', 'product 2'])
  })

  it('is about no other type', () => {
    expect(outdated(rules, told('Viewed', { id: 7 }))).toEqual({ keys: [], flaws: [], matched: [false] })
    expect(outdated(rules, told('constructor', { id: 7 })).matched).toEqual([false])
  })

  it('that lacks a field says so, and outdates what can be told without it', () => {
    const { keys, flaws } = outdated(rules, told('ProductUpdated', { id: 7, shop: 'acme' }))
    expect(keys).toEqual(['product 7', 'session acme 7'])
    expect(flaws).toEqual(['field category is missing'])
  })

  it('names no key that its keyspace refuses, and no tenant that may not be', () => {
    const event = told('ProductUpdated', { id: 'x y', category: 'toys', shop: 'a:b' })
    const { keys, flaws } = outdated(rules, event)
    expect(keys).toEqual(['listing cat:toys'])
    expect(flaws).toEqual([
      'keyspace product: key "x y" does not match the keyspace\'s pattern [0-9]+',
      expect.stringContaining('keyspace session: tenant "a:b" is not allowed'),
    ])
  })

  it('is in the way of nothing when what came is no event', () => {
    const { keys, flaws } = outdated(rules, { kind: 'broken', why: 'it is none' }, told('Sold', { item: { id: '1' } }))
    expect(keys).toEqual(['product 1'])
    expect(flaws).toEqual(['it is none'])
  })
})

describe('a rule about tags and keyspaces', () => {
  const priced = { table: 'public.prices', columns: ['price'] } as const
  const rules = rulesOf(
    {
      ...ruleOf({ on: 'Moved' }),
      tags: [tagTemplate('product', 'shelf:{shelf}'), tagTemplate('session', '{user}', '{shop}')],
      keyspaces: ['listing'],
    },
    { ...ruleOf(priced, keyTemplate('product', '{id}')), tags: [tagTemplate('session', 'price:{band}', '{shop}')] },
  )
  const targetsOf = (...events: readonly SourceEvent[]) => {
    const targets = new Targets()
    const flaws = events.flatMap((event) => rules.apply(event, targets).flaws)
    const tags = targets.tags.map(({ keyspace, tenant, tag }) => [keyspace, tenant, tag].filter(Boolean).join(' '))
    return { tags, keyspaces: targets.keyspaces, flaws }
  }

  it('tells each of them once', () => {
    const event = told('Moved', { shelf: 3, user: 'ann', shop: 'acme' })
    const tags = ['product shelf:3', 'session acme ann']
    expect(targetsOf(event, event)).toEqual({ tags, keyspaces: ['listing'], flaws: [] })
  })

  it('tells what it can without a tag that cannot be made', () => {
    const { tags, keyspaces, flaws } = targetsOf(told('Moved', { shelf: 3, user: 'ann' }))
    expect({ tags, keyspaces }).toEqual({ tags: ['product shelf:3'], keyspaces: ['listing'] })
    expect(flaws).toEqual(['field shop is missing'])
  })

  it('names no tag that its keyspace refuses', () => {
    const { tags, flaws } = targetsOf(told('Moved', { shelf: 'x'.repeat(200), user: 'ann', shop: 'acme' }))
    expect(tags).toEqual(['session acme ann'])
    expect(flaws).toEqual([expect.stringContaining('tag')])
  })

  it('means an update that moves a row to another tag, whatever columns it is about', () => {
    const moved = { before: { id: '1', band: 'a', shop: 's', price: '1' }, isBeforeWhole: true } as const
    const event = changed({ ...moved, table: 'public.prices', after: { ...moved.before, band: 'b' } })
    expect(targetsOf(event).tags).toEqual(['session s price:b', 'session s price:a'])
  })

  it('outdates whole keyspaces when a table is emptied, since nothing tells which rows are gone', () => {
    expect(targetsOf({ kind: 'truncate', table: 'public.prices' })).toEqual({
      tags: [],
      keyspaces: ['product', 'session'],
      flaws: [],
    })
  })

  it('names everything that any event could outdate, for when events were missed', () => {
    expect(rules.all().keyspaces.toSorted()).toEqual(['listing', 'product', 'session'])
  })
})

describe('a rule about rows', () => {
  const rules = rulesOf(ruleOf({ table: 'public.products', columns: undefined }, keyTemplate('product', '{id}')))
  const priced = rulesOf(ruleOf({ table: 'public.products', columns: ['price'] }, keyTemplate('product', '{id}')))

  it('is about rows of its table that come, change and go', () => {
    expect(outdated(rules, changed({ after: { id: '1' } })).keys).toEqual(['product 1'])
    expect(outdated(rules, changed({ after: { id: '2' }, before: { id: '2' } })).keys).toEqual(['product 2'])
    expect(outdated(rules, changed({ before: { id: '3' } })).keys).toEqual(['product 3'])
    expect(outdated(rules, changed({ table: 'public.orders', after: { id: '1' } })).matched).toEqual([false])
  })

  it('outdates the key that a row had and the one that it has', () => {
    expect(outdated(rules, changed({ before: { id: '1' }, after: { id: '2', name: 'x' } })).keys).toEqual([
      'product 2',
      'product 1',
    ])
  })

  it('takes what was not sent of one state of the row from the other', () => {
    const both = rulesOf(
      ruleOf({ table: 'public.products', columns: undefined }, keyTemplate('listing', '{shop}/{id}')),
    )
    const renumbered = changed({ before: { id: '1' }, after: { id: '2', shop: 'a' } })
    expect(outdated(both, renumbered).keys).toEqual(['listing a/2', 'listing a/1'])
    const unsent = changed({ before: { id: '1', shop: 'a' }, isBeforeWhole: true, after: { id: '1' } })
    expect(outdated(both, unsent).keys).toEqual(['listing a/1'])
  })

  it('tells what was not sent of a row that is gone', () => {
    const byName = rulesOf(ruleOf({ table: 'public.products', columns: undefined }, keyTemplate('listing', '{name}')))
    expect(outdated(byName, changed({ before: { id: '1' } })).flaws).toEqual(['field name is missing'])
  })

  it('with columns is not about an update that is known to touch none of them', () => {
    const update = (before: Fields, after: Fields) => changed({ before, after, isBeforeWhole: true })
    const row = { id: '1', price: '5', name: 'a' }
    expect(outdated(priced, update(row, { ...row, name: 'b' })).matched).toEqual([false])
    expect(outdated(priced, update(row, { ...row, price: '6' })).keys).toEqual(['product 1'])
    expect(outdated(priced, update(row, { ...row, price: null })).keys).toEqual(['product 1'])
    // What was stored out of line and not changed is not sent.
    expect(outdated(priced, update(row, { id: '1', name: 'b' })).matched).toEqual([false])
  })

  it('with columns is about every update of which it is not known what it touches', () => {
    expect(outdated(priced, changed({ after: { id: '1', price: '5' } })).keys).toEqual(['product 1'])
    expect(outdated(priced, changed({ before: { id: '0' }, after: { id: '1', price: '5' } })).keys).toEqual([
      'product 1',
      'product 0',
    ])
  })

  it('with columns is about a row that gets another key, whatever the columns are', () => {
    const update = changed({ before: { id: '1', price: '5' }, after: { id: '2', price: '5' }, isBeforeWhole: true })
    expect(outdated(priced, update).keys).toEqual(['product 2', 'product 1'])
  })
})
