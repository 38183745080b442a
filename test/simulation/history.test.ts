import { describe, expect, it } from 'vitest'
import { History, type Read, type Seen } from './history.ts'

const BOUND = 1_000
const value = (mark: number): Seen => ({ kind: 'value', mark })

function history(): History {
  return new History({
    toleranceMs: 5,
    heldUpMs: 20,
    keyspaces: [
      { name: 'strict', strong: true, degradedMs: 0, states: 'origin' },
      { name: 'row', strong: false, degradedMs: 10_000, states: 'origin' },
      { name: 'aside', strong: false, degradedMs: 0, states: 'version' },
    ],
  })
}

/** A read of one moment that claims no more than its bound asks for. */
function read(startedAt: number, seen: Seen, more: Partial<Read> = {}): Read {
  const boundMs = more.boundMs ?? (more.keyspace === 'strict' ? 0 : BOUND)
  const asOf = startedAt - boundMs
  const plain = { keyspace: 'row', key: '1', by: 's0', version: 1, degraded: false, source: 'near' as const }
  return { ...plain, startedAt, endedAt: startedAt + 1, boundMs, asOf, seen, ...more }
}

const row = (mark: number, at: number, keyspace = 'row') => ({ keyspace, key: '1', by: 'invalidate@s1', at, mark })
const set = (mark: number, at: number) => ({ keyspace: 'aside', key: '1', by: 'set@s1', at, mark })
const drop = (at: number) => ({ keyspace: 'aside', key: '1', by: 'invalidate@s1', at })

describe('a history of rows of an origin', () => {
  it('lets the state before a change be read for the bound after its acknowledgement, and no longer', () => {
    const past = history()
    past.begin(row(1, 100)).acknowledged(110)
    expect(past.read(read(1_110, value(0)))).toBeUndefined()
    expect(past.read(read(1_111, value(1)))).toBeUndefined()
    expect(past.read(read(1_111, value(0)))?.rules).toContain('stale')
  })

  it('lets nothing older than the acknowledged state be read with bound 0', () => {
    const past = history()
    past.begin(row(1, 100, 'strict')).acknowledged(110)
    expect(past.read(read(105, value(0), { keyspace: 'strict' }))).toBeUndefined()
    expect(past.read(read(111, value(0), { keyspace: 'strict' }))?.rules).toContain('stale')
  })

  it('takes the bound of the read, which a request may have tightened', () => {
    const past = history()
    past.begin(row(1, 100)).acknowledged(110)
    expect(past.read(read(400, value(0), { boundMs: 300 }))).toBeUndefined()
    expect(past.read(read(400, value(0), { boundMs: 200 }))?.rules).toContain('stale')
  })

  it('demands nothing of a change that is under way, unknown or refused, and allows its state', () => {
    const past = history()
    past.begin(row(1, 100, 'strict'))
    past.begin(row(2, 100, 'strict')).unknown(150)
    for (const mark of [0, 1, 2]) expect(past.read(read(5_000, value(mark), { keyspace: 'strict' }))).toBeUndefined()
  })

  it('holds a later acknowledgement of a smaller state against nobody', () => {
    const past = history()
    const first = past.begin(row(1, 100, 'strict'))
    past.begin(row(2, 101, 'strict')).acknowledged(110)
    first.acknowledged(120)
    expect(past.read(read(130, value(2), { keyspace: 'strict' }))).toBeUndefined()
    expect(past.read(read(130, value(1), { keyspace: 'strict' }))?.rules).toContain('stale')
  })

  it('finds the state due even when acknowledgements are recorded out of order', () => {
    const past = history()
    const [first, second] = [past.begin(row(1, 100, 'strict')), past.begin(row(2, 101, 'strict'))]
    second.acknowledged(200)
    first.acknowledged(150)
    expect(past.read(read(160, value(0), { keyspace: 'strict' }))?.rules).toContain('stale')
    expect(past.read(read(160, value(1), { keyspace: 'strict' }))).toBeUndefined()
    expect(past.read(read(201, value(1), { keyspace: 'strict' }))?.rules).toContain('stale')
  })

  it('never lets what is due go back when a larger acknowledgement is recorded late', () => {
    const past = history()
    const [first, second] = [past.begin(row(1, 100, 'strict')), past.begin(row(2, 101, 'strict'))]
    first.acknowledged(200)
    second.acknowledged(150)
    expect(past.read(read(201, value(1), { keyspace: 'strict' }))?.rules).toContain('stale')
    expect(past.read(read(160, value(1), { keyspace: 'strict' }))?.rules).toContain('stale')
  })

  it('counts an invalidation without a commit for the state it found', () => {
    const past = history()
    past.begin(row(1, 100)).unknown(110)
    past.begin(row(1, 120)).acknowledged(130)
    expect(past.read(read(1_131, value(0)))?.rules).toContain('stale')
  })

  it('takes NOT_FOUND for the newest absence that it can be', () => {
    const past = history()
    past.begin({ ...row(1, 100, 'strict'), absent: true }).acknowledged(110)
    expect(past.read(read(120, { kind: 'absent' }, { keyspace: 'strict' }))).toBeUndefined()
    past.begin(row(2, 130, 'strict')).acknowledged(140)
    expect(past.read(read(150, { kind: 'absent' }, { keyspace: 'strict' }))?.rules).toContain('stale')
    past.begin({ ...row(3, 160, 'strict'), absent: true })
    expect(past.read(read(170, { kind: 'absent' }, { keyspace: 'strict' }))).toBeUndefined()
  })

  it('knows what nobody has written', () => {
    const past = history()
    past.begin({ ...row(1, 100), absent: true })
    expect(past.read(read(150, value(1)))?.rules).toEqual(['unwritten'])
    expect(past.read(read(150, value(2)))?.rules).toEqual(['unwritten'])
    expect(past.read(read(150, { kind: 'foreign', text: 'row/2#1' }))?.rules).toEqual(['unwritten'])
    expect(past.read(read(90, { kind: 'absent' }))?.rules).toEqual(['unwritten'])
  })

  it('keeps the keys apart', () => {
    const past = history()
    past.begin(row(1, 100)).acknowledged(110)
    expect(past.read(read(5_000, value(0), { key: '2' }))).toBeUndefined()
  })
})

describe('what an answer claims', () => {
  it('is judged by its as_of, also where it is degraded or within its bound', () => {
    const past = history()
    past.begin(row(1, 100)).acknowledged(110)
    expect(past.read(read(150, value(0), { asOf: 115 }))).toBeUndefined()
    expect(past.read(read(150, value(0), { asOf: 116 }))?.rules).toEqual(['as-of'])
    expect(past.read(read(5_000, value(0), { asOf: 200, degraded: true }))?.rules).toEqual(['as-of'])
    expect(past.read(read(5_000, value(0), { asOf: 110, degraded: true }))).toBeUndefined()
  })

  it('is fresh only if its as_of is', () => {
    const past = history()
    expect(past.read(read(5_000, value(0), { asOf: 3_980 }))).toBeUndefined()
    expect(past.read(read(5_000, value(0), { asOf: 3_979 }))?.rules).toEqual(['claims-fresh'])
  })

  it('is not of the future', () => {
    expect(history().read(read(100, value(0), { asOf: 107 }))?.rules).toEqual(['future'])
  })

  it('is degraded never in a strong keyspace, and never beyond what the policy allows', () => {
    const past = history()
    expect(past.read(read(100, value(0), { keyspace: 'strict', degraded: true }))?.rules).toEqual(['degraded-strong'])
    expect(past.read(read(20_000, value(0), { asOf: 9_980, degraded: true }))).toBeUndefined()
    expect(past.read(read(20_000, value(0), { asOf: 9_979, degraded: true }))?.rules).toEqual(['degraded-age'])
  })

  it('has at least the version that was asked for, unless it was never stored', () => {
    const past = history()
    expect(past.read(read(100, value(0), { minVersion: 7, version: 7 }))).toBeUndefined()
    expect(past.read(read(100, value(0), { minVersion: 7, version: 6 }))?.rules).toEqual(['min-version'])
    const fallback = { minVersion: 7, version: 0, source: 'origin' as const }
    expect(past.read(read(100, value(0), fallback))).toBeUndefined()
  })
})

describe('a history of keys that the app fills itself', () => {
  const aside = { keyspace: 'aside' }

  it('goes by versions, and lets everything be missed', () => {
    const past = history()
    past.begin(set(1, 100)).acknowledged(110, 50)
    past.begin(set(2, 120)).acknowledged(130, 60)
    expect(past.read(read(1_130, value(1), { ...aside, version: 50 }))).toBeUndefined()
    expect(past.read(read(1_131, value(1), { ...aside, version: 50 }))?.rules).toContain('stale')
    expect(past.read(read(1_131, value(2), { ...aside, version: 60 }))).toBeUndefined()
    expect(past.read(read(1_131, { kind: 'miss' }, { ...aside, version: 0, asOf: 0 }))).toBeUndefined()
  })

  it('lets nothing be read that an invalidation has taken away', () => {
    const past = history()
    past.begin(set(1, 100)).acknowledged(110, 50)
    past.begin(drop(120)).acknowledged(130, 60)
    expect(past.read(read(1_131, value(1), { ...aside, version: 50 }))?.rules).toContain('stale')
  })

  it('holds a Set of unknown outcome to the version under which it is first seen', () => {
    const past = history()
    past.begin(set(1, 100)).unknown(110)
    expect(past.read(read(200, value(1), { ...aside, version: 50 }))).toBeUndefined()
    expect(past.read(read(300, value(1), { ...aside, version: 50 }))).toBeUndefined()
    expect(past.read(read(400, value(1), { ...aside, version: 51 }))?.rules).toEqual(['mislabelled'])
  })

  it('knows a version that is not the one acknowledged, whichever comes first', () => {
    const past = history()
    past.begin(set(1, 100)).acknowledged(110, 50)
    expect(past.read(read(120, value(1), { ...aside, version: 51 }))?.rules).toEqual(['mislabelled'])
    const second = past.begin(set(2, 130))
    expect(past.read(read(140, value(2), { ...aside, version: 60 }))).toBeUndefined()
    expect(second.acknowledged(150, 61)?.rules).toEqual(['mislabelled'])
  })

  it('lets the value of a refused Set never be seen', () => {
    const past = history()
    past.begin(set(1, 100)).refused(110)
    expect(past.read(read(120, value(1), aside))?.rules).toEqual(['refused'])
  })

  it('lets no lease outlive a change of its key', () => {
    const past = history()
    past.begin(drop(120)).acknowledged(130, 40)
    expect(past.begin({ ...set(1, 140), leasedAt: 100 }).acknowledged(150, 50)?.rules).toEqual(['lease'])
  })

  it('accepts a lease that was given after the change, or used while it was under way', () => {
    const past = history()
    past.begin(drop(80)).acknowledged(90, 40)
    past.begin(drop(120)).acknowledged(145, 45)
    past.begin(drop(121)).unknown(125)
    expect(past.begin({ ...set(1, 140), leasedAt: 100 }).acknowledged(150, 50)).toBeUndefined()
  })
})

describe('a report', () => {
  it('tells what was wrong, and what happened to the key and the world before', () => {
    const past = history()
    past.note(90, 'shard a killed')
    past.begin(row(1, 100)).acknowledged(110)
    past.begin({ ...row(1, 100), key: '2' }).acknowledged(110)
    past.unanswered({ keyspace: 'row', key: '1', by: 's2', startedAt: 120, endedAt: 130 }, 'UNAVAILABLE')
    const violation = past.read(read(2_000, value(0), { version: 7 }))
    expect(violation).toMatchObject({ keyspace: 'row', key: '1', at: 2_001 })
    expect(violation?.report.split('\n')).toEqual([
      'row/1 at 2001.0: s0 since 2000.0 with bound 1000: value 0 from near, version 7, as_of 1000.0',
      expect.stringMatching(/^ {2}stale: older than .* \(state 0 instead of at least 1, which invalidate@s1 of 1 had /),
      expect.stringMatching(/^ {2}as-of: /),
      'What went before:',
      '       90.0          shard a killed',
      '      100.0  begin   invalidate@s1 of 1',
      '      110.0  acknowledged: invalidate@s1 of 1',
      '      130.0  read    s2 since 120.0: UNAVAILABLE',
      '     2001.0  read    s0 since 2000.0 with bound 1000: value 0 from near, version 7, as_of 1000.0',
    ])
  })

  it('refuses a keyspace that it has no rules for', () => {
    expect(() => history().read(read(1, value(0), { keyspace: 'other' }))).toThrow(RangeError)
  })
})
