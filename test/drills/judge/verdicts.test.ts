import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import type { DrillRecord } from '../drill-record.ts'
import type { Invariant } from '../invariants.ts'
import type { Observation } from '../load/observation.ts'
import { Tally } from '../load/tally.ts'
import type { Gauge } from '../world/database-watch.ts'
import { USUAL_WORLD } from '../world/world-shape.ts'
import { BREAKER, downVerdicts } from './db-down-verdicts.ts'
import { refillOf, refillVerdicts } from './flush-verdicts.ts'
import { invariantsOfAll, killRunOf, killVerdicts } from './shard-kill-verdicts.ts'

const FAULT_AT = 10_000
const MENDED_AT = 20_000
const ENDED_AT = 30_000
const PER_SECOND = 100
const SHAPE = { ...USUAL_WORLD, sidecars: 2, keys: 1_000, originLimit: 16, batch: 4, loadMs: 100 }

/** A record of gets every 10 ms, each told by `tell` what became of it; gauges every 100 ms. */
function recordOf(
  tell: (dueAt: number, index: number) => Partial<Observation>,
  more: Partial<DrillRecord> = {},
  gaugeAt: (at: number) => Partial<Gauge> = () => ({}),
): DrillRecord {
  const tally = new Tally({ beganAt: 0, boundMs: 3_000, deadlineMs: 2_000, keys: SHAPE.keys })
  for (let index = 0; index < (ENDED_AT / 1_000) * PER_SECOND; index += 1) {
    const dueAt = (index * 1_000) / PER_SECOND
    if (dueAt === FAULT_AT) tally.mark()
    const told = tell(dueAt, index)
    const usual = { key: 1, dueAt, lagMs: 0, tookMs: 2, code: 0, source: 'near', degraded: false, shownRevision: 1 }
    tally.observed({ ...usual, shownId: told.key ?? 1, ...told })
  }
  const gauges = Array.from({ length: ENDED_AT / 100 }, (_, index) => {
    const usual = { at: index * 100, loads: 0, counted: 0, atOnce: 0, refusals: 0, connections: 2 }
    return { ...usual, ...gaugeAt(index * 100) }
  })
  return {
    shape: SHAPE,
    phases: { beganAt: 0, faultAt: FAULT_AT, mendedAt: MENDED_AT, endedAt: ENDED_AT },
    deadlineMs: 2_000,
    empties: false,
    recoveryWithinMs: 10_000,
    slices: tally.drain(),
    changes: [],
    breaches: [],
    shown: new Map(),
    gauges,
    connectedAt: [],
    samples: [],
    shards: [],
    revisions: new Map(),
    last: [],
    deaths: [],
    readyAfterMs: 0,
    ...more,
  }
}

const inFault = (dueAt: number) => dueAt >= FAULT_AT && dueAt < MENDED_AT
const verdictsOf = (verdicts: readonly Invariant[]) => verdicts.map(({ passed }) => passed)

describe('the verdicts on a killed shard', () => {
  const runs = (...p99s: readonly number[]) =>
    p99s.map((tookMs) => killRunOf(recordOf((dueAt) => (inFault(dueAt) ? { tookMs } : {}))))

  it('allow 25 ms, or three times the baseline', () => {
    expect(verdictsOf(killVerdicts(runs(24)))).toEqual([true, true])
    expect(verdictsOf(killVerdicts(runs(26)))).toEqual([true, false])
    const slow = killRunOf(recordOf((dueAt) => ({ tookMs: inFault(dueAt) ? 58 : 20 })))
    expect(verdictsOf(killVerdicts([slow]))).toEqual([true, true])
  })

  it('take the median of the latencies', () => {
    expect(verdictsOf(killVerdicts(runs(20, 20, 20, 90, 90)))).toEqual([true, true])
    expect(verdictsOf(killVerdicts(runs(20, 20, 90, 90, 90)))).toEqual([true, false])
  })

  it('forgive no run that answers too little', () => {
    const failing = (every: number) =>
      killRunOf(recordOf((dueAt, index) => (inFault(dueAt) && index % every === 0 ? { code: 14, source: '' } : {})))
    expect(verdictsOf(killVerdicts([...runs(5, 5), failing(1_000)]))).toEqual([true, true])
    expect(verdictsOf(killVerdicts([...runs(5, 5), failing(500)]))).toEqual([false, true])
  })

  it('count an invariant as broken that was broken once', () => {
    const good = recordOf(() => ({}))
    const wrong = recordOf((dueAt) => (dueAt === 12_000 ? { shownId: 9 } : {}))
    const [values] = invariantsOfAll([good, wrong, good])
    expect(values).toMatchObject({ name: 'no wrong value', passed: false })
    expect(values?.seen).toContain('broken in 1 of 3')
  })
})

describe('the verdicts on an emptied tier', () => {
  /** After the flush all gets are misses for a while, for so many keys in turn; the database can load 50 keys a second. */
  const refill = (missesMs: number, keys: number, { atOnce = 16, refusals = 0 } = {}) => {
    const record = recordOf(
      (dueAt, index) => {
        const key = (index % keys) + 1
        return dueAt >= FAULT_AT && dueAt < FAULT_AT + missesMs ? { source: 'origin', key, shownId: key } : {}
      },
      { shape: { ...SHAPE, batch: 1, loadMs: 320 } },
      (at) => ({ atOnce: at >= FAULT_AT ? atOnce : 0, refusals }),
    )
    return refillVerdicts(record, refillOf(record))
  }

  it('take the time that the database would need for the keys that were asked for', () => {
    // 200 keys are 4 s of its time.
    expect(verdictsOf(refill(5_000, 200))).toEqual([true, true, true])
    expect(verdictsOf(refill(7_000, 200))).toEqual([true, true, false])
    expect(refill(7_000, 200)[2]?.seen).toContain('after 7.0 s, of 6.0 s for 200 keys')
  })

  it('see that places stay free', () => {
    expect(verdictsOf(refill(2_000, 200, { atOnce: 13 }))).toEqual([true, true, true])
    expect(verdictsOf(refill(2_000, 200, { atOnce: 12 }))).toEqual([true, false, true])
  })

  it('see a single raise, and a hit ratio that never comes back', () => {
    expect(verdictsOf(refill(2_000, 200, { refusals: 1 }))).toEqual([false, true, true])
    expect(verdictsOf(refill(30_000, 1_000))).toEqual([true, true, false])
  })
})

describe('the verdicts on a database that is down', () => {
  const opened = [0, 1].map((sidecar) => ({ at: 12_000, sidecar, values: { [BREAKER]: 2 } }))
  interface Down {
    readonly tookMs?: number
    readonly code?: number
    readonly knownFails?: boolean
  }

  /** A get for a cold row: slow until the breakers are open, then as told. */
  const coldGet = (dueAt: number, index: number, { tookMs = 5, code = status.UNAVAILABLE }: Down) => ({
    key: SHAPE.keys + index,
    shownId: SHAPE.keys + index,
    code,
    source: code === 0 ? 'origin' : '',
    tookMs: dueAt < 12_000 ? 1_000 : tookMs,
  })

  /** Every tenth get is for a cold row. */
  const down = (told: Down, more: Partial<DrillRecord> = {}) => {
    const tell = (dueAt: number, index: number) => {
      if (!inFault(dueAt)) return {}
      if (index % 10 === 0) return coldGet(dueAt, index, told)
      return told.knownFails === true && index % 100 === 1 ? { code: status.UNAVAILABLE, source: '' } : {}
    }
    return downVerdicts(recordOf(tell, { samples: opened, ...more }))
  }

  it('hold where cached keys are answered, misses fail fast, and nobody storms', () => {
    expect(verdictsOf(down({}))).toEqual([true, true, true])
  })

  it('see cached keys that are not answered', () => {
    expect(verdictsOf(down({ knownFails: true }))).toEqual([false, true, true])
  })

  it('see misses that fail slowly with the breakers open, that do not fail, and breakers that stay closed', () => {
    expect(verdictsOf(down({ tookMs: 60 }))).toEqual([true, false, true])
    expect(verdictsOf(down({ code: 0 }))).toEqual([true, false, true])
    expect(verdictsOf(down({}, { samples: opened.slice(1) }))).toEqual([true, false, true])
  })

  it('see a storm of connections after the end of the fault, and none before it', () => {
    const at = (moment: number) => Array.from({ length: 17 }, () => moment)
    expect(verdictsOf(down({}, { connectedAt: at(MENDED_AT + 100) }))).toEqual([true, true, false])
    expect(verdictsOf(down({}, { connectedAt: at(MENDED_AT - 100) }))).toEqual([true, true, true])
  })
})
