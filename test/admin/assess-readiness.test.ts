import { describe, expect, it } from 'vitest'
import { assessReadiness, type Facts, type Phase } from '../../src/admin/assess-readiness.ts'
import type { BreakerState } from '../../src/guard/breaker.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { policyOf } from '../keyspace/policy-of.ts'

const up = (name: string, warnings: string[] = []) => ({ name, state: () => ({ up: true, warnings }) as const })
const down = (name: string) => ({ name, state: () => ({ up: false, why: 'no connection' }) as const })
const breaker = (state: BreakerState) => ({ state: () => state })

const loaded = policyOf({ name: 'loaded', origin: 'catalog', degradedThen: 'origin' })
const careful = policyOf({ name: 'careful', origin: 'catalog', degradedThen: 'fail' })
const aside = policyOf({ name: 'aside', origin: undefined, degradedThen: 'fail' })

const IN_FORCE = { reasons: [], details: { refused: [], waiting: [] } }

interface Given {
  readonly phase?: Phase
  readonly keyspaces?: readonly KeyspacePolicy[]
  readonly shards?: Facts['shards']
  readonly catalog?: BreakerState
  readonly config?: Facts['config']
  readonly differMs?: number
  readonly shares?: Facts['shares']
  readonly events?: Facts['events']
}

const assess = ({
  phase = 'running',
  keyspaces = [loaded],
  shards = [up('a')],
  catalog = 'closed',
  config = IN_FORCE,
  differMs = 0,
  shares = [],
  events = [],
}: Given) =>
  assessReadiness({
    phase,
    keyspaces,
    shards,
    ring: { differMs },
    originBreakers: new Map([['catalog', breaker(catalog)]]),
    shares,
    events,
    config,
  })

describe('readiness', () => {
  it('is there from the start to the drain, and not before or after', () => {
    expect(assess({}).ready).toBe(true)
    expect(assess({ phase: 'starting' })).toMatchObject({ ready: false, reasons: ['the sidecar is starting'] })
    expect(assess({ phase: 'draining' })).toMatchObject({ ready: false, reasons: ['the sidecar is draining'] })
  })

  it('tells of rings that go on differing, and stays', () => {
    expect(assess({ differMs: 60_000 }).reasons).toEqual([])
    const { ready, reasons, details } = assess({ differMs: 61_000 })
    expect(ready).toBe(true)
    expect(reasons).toEqual([
      'the rings of the sidecars have differed for 61 s: not all have the same list of nodes, or a shard gives no answer',
    ])
    expect(details).toMatchObject({ ring: { differMs: 61_000 } })
  })

  it('stays while one shard of several answers, whatever the keyspaces could do without it', () => {
    const { ready, reasons } = assess({ shards: [down('a'), up('b')], keyspaces: [aside], catalog: 'open' })
    expect(ready).toBe(true)
    expect(reasons).toContain('shard a is down: no connection')
  })

  it('stays without any shard while one keyspace can be answered, and names those that cannot', () => {
    const { ready, reasons } = assess({ shards: [down('a'), down('b')], keyspaces: [loaded, careful, aside] })
    expect(ready).toBe(true)
    expect(reasons).toContain('without any shard these keyspaces cannot be answered: careful, aside')
  })

  it.each<[string, Given]>([
    ['has an origin', { keyspaces: [aside] }],
    ['may ask its origin', { keyspaces: [careful] }],
    ['has an origin that answers', { keyspaces: [loaded], catalog: 'open' }],
  ])('ends without any shard when no keyspace %s', (_, given) => {
    expect(assess({ ...given, shards: [down('a')] }).ready).toBe(false)
  })

  it('stays while an origin that failed may be probed again, and when only the origin fails', () => {
    expect(assess({ shards: [down('a')], catalog: 'half-open' }).ready).toBe(true)
    expect(assess({ catalog: 'open' })).toMatchObject({
      ready: true,
      reasons: ['origin catalog is failing: its circuit breaker is open'],
      details: { origins: { catalog: { breaker: 'open' } } },
    })
  })

  it('does not depend on a configuration file that is refused, and says so', () => {
    const config = { reasons: ['the configuration file is refused'], details: { refused: ['env: is missing'] } }
    expect(assess({ config })).toMatchObject({
      ready: true,
      reasons: config.reasons,
      details: { config: config.details },
    })
  })

  it('passes on what an operator should know of a shard that is up', () => {
    expect(assess({ shards: [up('a', ['set maxmemory-policy'])] }).reasons).toEqual(['shard a: set maxmemory-policy'])
  })

  it('stays, with the reason, when the fleet is larger than its origins know', () => {
    const shares = [{ origin: 'catalog', seat: 'beyond', leased: false }]
    expect(assess({ shares })).toMatchObject({
      ready: true,
      reasons: ['origin catalog: more sidecars are alive than `fleet` says; raise it'],
      details: { shares: { catalog: { seat: 'beyond', leased: false } } },
    })
  })

  it('stays while events do not come, and says so', () => {
    const events = [
      { name: 'shop', state: () => ({ is: 'down', why: 'event source shop is gone' }), warnings: () => [] },
      { name: 'bus', state: () => ({ is: 'standby' }), warnings: () => ['event source bus: look at it'] },
    ]
    expect(assess({ events })).toMatchObject({
      ready: true,
      reasons: ['event source shop is gone', 'event source bus: look at it'],
      details: { events: { shop: { is: 'down' }, bus: { is: 'standby' } } },
    })
  })
})
