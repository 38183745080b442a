import { pathToFileURL } from 'node:url'
import { NEAR_POLICIES, type NearPolicy } from '../../src/near/create-near-cache.ts'
import { beladyHits, nextUsesOf } from './belady.ts'
import { lruCacheHits, nearHits } from './hit-ratio-replay.ts'
import { readTrace, TRACES, type Trace } from './hit-ratio-trace.ts'

const CAPACITY_SHARES = [0.01, 0.05, 0.2]
const CONTESTANTS = [...NEAR_POLICIES, 'lru-cache', 'belady'] as const

export interface HitRatioRow {
  readonly trace: string
  /** Capacity as a share of the trace's distinct keys, 0..1. */
  readonly share: number
  /** In entries. */
  readonly capacity: number
  /** Hits among all requests, in percent: of each policy, the package `lru-cache` and Belady's optimum. */
  readonly hitPercent: Readonly<Record<NearPolicy | 'lru-cache' | 'belady', number>>
}

export interface HitRatioReport {
  readonly rows: readonly HitRatioRow[]
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly detail: string }[]
}

/** Replays each trace through each policy at three sizes, beside `lru-cache` and Belady's optimum. Takes a minute. */
export async function hitRatio(): Promise<HitRatioReport> {
  const rows: HitRatioRow[] = []
  for (const name of TRACES) {
    const trace = await readTrace(name)
    const nextUses = nextUsesOf(trace)
    for (const share of CAPACITY_SHARES) {
      const capacity = Math.round(trace.distinct * share)
      process.stderr.write(`hit ratio: ${name}, ${trace.ids.length} requests at ${capacity} entries\n`)
      rows.push({ trace: name, share, capacity, hitPercent: contest(trace, nextUses, capacity) })
    }
  }
  return { rows, checks: TRACES.map((name) => frequencyAhead(name, rows)) }
}

/** Writes the report as an aligned table to standard output. */
export function printHitRatio(report: HitRatioReport): void {
  const lines = [
    ['trace', 'size', 'entries', ...CONTESTANTS],
    ...report.rows.map((row) => [
      row.trace,
      `${Math.round(row.share * 100)} %`,
      String(row.capacity),
      ...CONTESTANTS.map((contestant) => row.hitPercent[contestant].toFixed(1)),
    ]),
  ]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const table = lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  )
  const checks = report.checks.map((check) => `${check.passed ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`)
  const title = 'Near cache: hits in % of requests, by size in % of the distinct keys'
  process.stdout.write(`${[title, '', ...table, '', ...checks].join('\n')}\n`)
}

function contest(trace: Trace, nextUses: Uint32Array, capacity: number): HitRatioRow['hitPercent'] {
  const percent = (hits: number) => (100 * hits) / trace.ids.length
  return {
    frequency: percent(nearHits(trace, 'frequency', capacity)),
    lru: percent(nearHits(trace, 'lru', capacity)),
    ttl: percent(nearHits(trace, 'ttl', capacity)),
    'lru-cache': percent(lruCacheHits(trace, capacity)),
    belady: percent(beladyHits(trace, nextUses, capacity)),
  }
}

function frequencyAhead(trace: string, rows: readonly HitRatioRow[]): HitRatioReport['checks'][number] {
  const leads = rows.filter((row) => row.trace === trace).map((row) => row.hitPercent.frequency - row.hitPercent.lru)
  return {
    name: `${trace}: frequency ahead of lru at two of three sizes`,
    passed: leads.filter((lead) => lead > 0).length >= 2,
    detail: `${leads.map((lead) => `${lead > 0 ? '+' : ''}${lead.toFixed(1)}`).join(', ')} points`,
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) printHitRatio(await hitRatio())
