import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { AUDIT_RESULTS, type AuditStats } from '../../src/cache/audit-tally.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { RecordingLog } from '../rpc/recording-log.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { textOf } from '../support/use-cases.ts'

/** Every hit, against everything, each as soon as its turn comes. */
const AUDIT = { share: 1, originShare: 1, perSecond: 100 }
const BOUND_MS = 5_000
/** An audited value is older than this, and is looked at again after this. */
const WAIT_MS = BOUND_MS + 1_000
const TURN_MS = 10

async function auditedRig(changes: Partial<KeyspacePolicy> = {}, settings: Parameters<typeof cacheRig>[1] = {}) {
  const rig = await cacheRig({ boundMs: BOUND_MS, ...changes }, { audit: AUDIT, ...settings })
  const stats = () => rig.scraped.audits().get('product') as AuditStats
  /** A value that is in the shard, and old enough to be compared with its origin. */
  const seasoned = async (key: string, value: string) => {
    rig.origin.rows.set(key, value)
    await rig.get(key)
    await rig.clock.advance(WAIT_MS + 1)
  }
  return { ...rig, stats, seasoned }
}

describe('an audit against the origin', () => {
  it('sees a row that was changed without an invalidation, once the bound has passed', async () => {
    const log = new RecordingLog()
    const { clock, origin, get, stats, seasoned } = await auditedRig({}, { log })
    await seasoned('alice', 'gold')
    origin.rows.set('alice', 'silver')
    expect(textOf(await get('alice'))).toBe('gold')
    await clock.advance(TURN_MS)
    expect(origin.asks('audit')).toBe(1)
    expect(stats().origin).toMatchObject({ violation: 0, current: 0 })
    await clock.advance(WAIT_MS + TURN_MS)
    expect(stats().origin).toMatchObject({ violation: 1, current: 0 })
    expect(stats().staleness.sum).toBeGreaterThanOrEqual(BOUND_MS / 1_000)
    const warnings = log.lines.filter(({ level }) => level === 'warn')
    expect(warnings).toMatchObject([{ fields: { keyspace: 'product', against: 'origin' } }])
    expect(JSON.stringify(warnings)).not.toMatch(/alice|gold|silver/)
  })

  it('sees a row that is gone, and one that has come', async () => {
    const { clock, origin, get, stats, seasoned } = await auditedRig({ negativeTtlMs: 60_000 })
    await seasoned('1', 'one')
    await get('2')
    await clock.advance(WAIT_MS + 1)
    origin.rows.delete('1')
    origin.rows.set('2', 'two')
    await Promise.all([get('1'), get('2')])
    await clock.advance(WAIT_MS + 5 * TURN_MS)
    expect(stats().origin.violation).toBe(2)
  })

  it('says so in the log once a minute, not for each', async () => {
    const log = new RecordingLog()
    const { clock, origin, get, stats, seasoned } = await auditedRig({}, { log })
    await seasoned('1', 'old')
    origin.rows.set('1', 'new')
    for (let time = 0; time < 3; time += 1) await get('1', { maxStalenessMs: 0 })
    await clock.advance(WAIT_MS + 10 * TURN_MS)
    expect(stats().origin.violation).toBe(3)
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it('finds nothing wrong with a row whose invalidation comes within the bound', async () => {
    const { clock, origin, get, invalidate, stats, seasoned } = await auditedRig()
    await seasoned('1', 'old')
    origin.rows.set('1', 'new')
    await get('1')
    await clock.advance(BOUND_MS - 1)
    await invalidate('1')
    await get('1')
    await clock.advance(WAIT_MS)
    expect(stats().origin).toMatchObject({ overtaken: 1, violation: 0 })
  })

  it('accuses nobody where the origin never says the same twice', async () => {
    const { clock, origin, get, stats, seasoned } = await auditedRig()
    await seasoned('1', 'at 0')
    origin.rows.set('1', 'at 1')
    await get('1')
    await clock.advance(TURN_MS)
    origin.rows.set('1', 'at 2')
    await clock.advance(WAIT_MS + TURN_MS)
    expect(stats().origin).toMatchObject({ unknown: 1, violation: 0 })
  })

  it('leaves a value alone that was loaded just now: a cold key costs the database one load', async () => {
    const { clock, origin, get, stats } = await auditedRig()
    origin.rows.set('1', 'one')
    for (let read = 0; read < 20; read += 1) await get('1', { maxStalenessMs: 0 })
    await clock.advance(1_000)
    expect(stats().shard.current).toBe(19)
    expect(origin.asked).toHaveLength(1)
  })

  it('yields where the origin has no room, counts failures, and tries neither again', async () => {
    const { clock, origin, get, stats, seasoned } = await auditedRig()
    await seasoned('1', 'one')
    origin.failure = new RingsideError('ORIGIN_LIMIT', 'the test says so')
    await get('1', { maxStalenessMs: 0 })
    await clock.advance(TURN_MS)
    origin.failure = new RingsideError('ORIGIN_UNAVAILABLE', 'the test says so')
    await get('1', { maxStalenessMs: 0 })
    await clock.advance(60_000)
    expect(stats().origin).toMatchObject({ skipped: 1, failed: 1, current: 0 })
    expect(origin.asks('audit')).toBe(2)
  })

  it('asks it for no more than its rate', async () => {
    const { clock, origin, get, seasoned } = await auditedRig({}, { audit: { ...AUDIT, perSecond: 4 } })
    await seasoned('1', 'one')
    for (let read = 0; read < 50; read += 1) await get('1', { maxStalenessMs: 0 })
    await clock.advance(3_000)
    expect(origin.asks('audit')).toBeGreaterThan(0)
    expect(origin.asks('audit')).toBeLessThanOrEqual(12)
  })
})

describe('an audit against the home shard', () => {
  it.each([['and loaded anew'], ['and not read since']])(
    'sees an answer after a lost invalidation, %s',
    async (how) => {
      const { clock, origin, get, sidecar, stats } = await auditedRig({}, { tracked: true, deaf: true })
      origin.rows.set('1', 'old')
      await get('1')
      await clock.advance(500)
      const other = sidecar()
      await other.invalidate('1')
      origin.rows.set('1', 'new')
      if (how === 'and loaded anew') await other.get('1')
      await clock.advance(BOUND_MS + 500)
      expect(textOf(await get('1'))).toBe('old')
      await clock.advance(TURN_MS)
      expect(stats().shard.violation).toBe(1)
      expect(stats().staleness.sum).toBeCloseTo((BOUND_MS + 500) / 1_000, 3)
    },
  )

  it('measures how stale an answer within the bound was', async () => {
    const { clock, origin, get, sidecar, stats } = await auditedRig()
    origin.rows.set('1', 'old')
    await get('1')
    await sidecar().invalidate('1')
    await clock.advance(2_000)
    expect(textOf(await get('1'))).toBe('old')
    await clock.advance(TURN_MS)
    expect(stats().shard).toMatchObject({ overtaken: 1, violation: 0 })
    expect(stats().staleness.sum).toBeCloseTo(2, 3)
  })

  it('holds nothing against an answer that was overtaken only afterwards', async () => {
    const { clock, origin, get, sidecar, stats } = await auditedRig()
    origin.rows.set('1', 'old')
    await get('1')
    await clock.advance(1_000)
    await get('1')
    await clock.advance(1)
    await sidecar().invalidate('1')
    await clock.advance(TURN_MS)
    expect(stats().shard).toMatchObject({ current: 1, overtaken: 0 })
    expect(stats().staleness.sum).toBe(0)
  })

  it('takes neither misses, nor what came from the origin, nor degraded answers', async () => {
    const { clock, origin, shard, get, stats } = await auditedRig({ degradedMs: 60_000, degradedThen: 'stale' })
    origin.rows.set('1', 'one')
    await get('1')
    await clock.advance(BOUND_MS + 1)
    shard.down = true
    expect(await get('1')).toMatchObject({ degraded: true })
    shard.down = false
    await clock.advance(1_000)
    const cacheAside = await auditedRig({ origin: undefined, negativeTtlMs: 0 })
    expect(await cacheAside.get('1')).toMatchObject({ outcome: 'miss' })
    await cacheAside.clock.advance(1_000)
    for (const { shard: results } of [stats(), cacheAside.stats()]) {
      expect(Object.values(results).reduce((sum, count) => sum + count)).toBe(0)
    }
  })

  it('does not ask a shard that is down', async () => {
    const { clock, origin, shard, get, stats } = await auditedRig()
    origin.rows.set('1', 'one')
    await get('1')
    const { reads } = shard.stats()
    shard.down = true
    await get('1')
    await clock.advance(1_000)
    expect(stats().shard).toMatchObject({ skipped: 1, failed: 0 })
    expect(shard.stats().reads).toBe(reads)
  })
})

describe('audits', () => {
  it('see no violation where every change is followed by its invalidation', async () => {
    const step = fc.record({
      key: fc.constantFrom('1', '2', '3'),
      changes: fc.boolean(),
      by: fc.constantFrom(0, 1),
      invalidatedAfterMs: fc.integer({ min: 0, max: BOUND_MS - 1 }),
      restMs: fc.integer({ min: 0, max: BOUND_MS }),
    })
    const seen = { current: 0, overtaken: 0, violation: 0, unknown: 0, failed: 0, skipped: 0 }
    const steps = fc.array(step, { minLength: 20, maxLength: 40 })
    const property = fc.asyncProperty(steps, fc.boolean(), async (taken, tracked) => {
      const rig = await auditedRig({}, { tracked })
      const sidecars = [rig, rig.sidecar()] as const
      const readByAll = async (key: string) => {
        for (const { get } of sidecars) await get(key)
      }
      for (const [revision, { key, changes, by, invalidatedAfterMs, restMs }] of taken.entries()) {
        await readByAll(key)
        if (changes) {
          rig.origin.rows.set(key, `${revision}`)
          await readByAll(key)
          await rig.clock.advance(invalidatedAfterMs)
          await (sidecars[by] ?? rig).invalidate(key)
          await readByAll(key)
        }
        await rig.clock.advance(restMs)
      }
      await rig.clock.advance(2 * WAIT_MS)
      for (const {
        scraped: { audits },
      } of sidecars) {
        const { shard, origin } = audits().get('product') as AuditStats
        for (const result of AUDIT_RESULTS) seen[result] += shard[result] + origin[result]
      }
      expect(seen).toMatchObject({ violation: 0, failed: 0 })
    })
    await fc.assert(property, { numRuns: 20 })
    expect(seen.current).toBeGreaterThan(100)
    expect(seen.overtaken).toBeGreaterThan(10)
  })

  it('cost a near hit no promise, and leave the caches as they were', async () => {
    const { clock, origin, cache, get, leases, stats } = await auditedRig()
    origin.rows.set('1', 'one')
    await get('1')
    const before = { ...leases.results }
    const pending = clock.pending
    for (let read = 0; read < 5; read += 1) {
      expect(cache.get({ keyspace: 'product', key: '1', tenant: '' })).not.toBeInstanceOf(Promise)
    }
    expect(clock.pending).toBe(pending + 1)
    await clock.advance(1_000)
    expect(stats().shard.current).toBe(5)
    expect(leases.results).toEqual(before)
  })

  it('wait in a short queue, and are skipped beyond it', async () => {
    const { clock, origin, get, stats } = await auditedRig()
    origin.rows.set('1', 'one')
    for (let read = 0; read < 101; read += 1) await get('1')
    expect(stats().shard.skipped).toBe(100 - 64)
    await clock.advance(1_000)
    expect(stats().shard).toMatchObject({ current: 64, skipped: 100 - 64 })
  })

  it('do nothing at a share of 0', async () => {
    const { clock, origin, get, stats } = await auditedRig({}, { audit: { ...AUDIT, share: 0 } })
    const pending = clock.pending
    origin.rows.set('1', 'one')
    for (let read = 0; read < 100; read += 1) await get('1')
    expect(clock.pending).toBe(pending)
    expect(stats().shard).toMatchObject({ current: 0, skipped: 0 })
  })

  it('end when they are closed, second looks included', async () => {
    const { clock, origin, get, auditor, stats, seasoned } = await auditedRig()
    await seasoned('1', 'old')
    origin.rows.set('1', 'new')
    const pending = clock.pending
    await get('1')
    await clock.advance(TURN_MS)
    await get('1')
    expect(clock.pending).toBe(pending + 2)
    auditor.close()
    expect(clock.pending).toBe(pending)
    await get('1')
    await clock.advance(2 * WAIT_MS)
    expect(stats().origin).toMatchObject({ violation: 0, current: 0 })
  })
})
