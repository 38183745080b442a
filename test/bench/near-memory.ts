import { fileURLToPath, pathToFileURL } from 'node:url'
import type { NearPolicy } from '../../src/near/create-near-cache.ts'
import type { Check } from './check.ts'
import { runChild, SERVER_CORE } from './child.ts'
import type { NearMemory } from './near-memory-case.ts'
import { median } from './run.ts'
import { table } from './table.ts'

const RUNS = 3
const LONGEST_PAUSE_MS = 20

interface Case {
  readonly name: string
  /** Entries that the cache is made for, were all of the sizes of the whole course. */
  readonly capacity: number
  readonly policy?: NearPolicy
  /** Most bytes an entry beyond its key and value, or that as a share of them. */
  readonly bar?: { readonly bytes: number } | { readonly share: number }
}

const cases: readonly Case[] = [
  { name: '2 KB', capacity: 100_000, bar: { bytes: 180 } },
  { name: '100 B', capacity: 400_000, bar: { bytes: 150 } },
  { name: 'log-normal', capacity: 100_000, bar: { share: 0.25 } },
  // By `lru`, since `frequency` would refuse large values that nobody asks for twice.
  { name: '100 B, then 10 KB', capacity: 30_000, policy: 'lru' },
  { name: '10 KB, then 100 B', capacity: 30_000, policy: 'lru' },
]

const program = fileURLToPath(new URL('near-memory-case.ts', import.meta.url))

/** What an entry of the near cache costs after ten times its capacity went through, and the longest pause meanwhile. */
export async function nearMemoryBenchmark(): Promise<{ readonly text: string; readonly checks: readonly Check[] }> {
  const rows = [
    ['values, after 10 x churn', 'entries', 'B beyond: said', 'counters', 'RSS', '% beyond', 'bar', 'call ms', 'GC ms'],
  ]
  const checks: Check[] = []
  for (const one of cases) {
    process.stderr.write(`near memory: ${one.name}\n`)
    const runs: NearMemory[] = []
    for (let run = 0; run < RUNS; run += 1) runs.push(await runOf(one))
    rows.push(rowOf(one, runs))
    checks.push(...checksOf(one, runs))
  }
  return { text: table(rows), checks }
}

async function runOf({ name, capacity, policy = 'frequency' }: Case): Promise<NearMemory> {
  const command = [process.execPath, '--expose-gc', '--import', 'tsx', program, name, policy, String(capacity)]
  return JSON.parse(await runChild(SERVER_CORE, command)) as NearMemory
}

const beyondOf = (runs: readonly NearMemory[], bytesOf: (run: NearMemory) => number): number =>
  median(runs.map((run) => (bytesOf(run) - run.contentBytes) / run.entries))

const worstOf = (runs: readonly NearMemory[]): number =>
  Math.max(
    beyondOf(runs, (run) => run.countedBytes),
    beyondOf(runs, (run) => run.residentBytes),
  )

const shareOf = (runs: readonly NearMemory[]): number =>
  worstOf(runs) / median(runs.map((run) => run.contentBytes / run.entries))

const bestOf = (runs: readonly NearMemory[], msOf: (run: NearMemory) => number): number => Math.min(...runs.map(msOf))

function rowOf({ name, bar }: Case, runs: readonly NearMemory[]): string[] {
  const limit = bar === undefined ? '' : 'bytes' in bar ? `${bar.bytes} B` : `${100 * bar.share} %`
  return [
    name,
    String(runs[0]!.entries),
    beyondOf(runs, (run) => run.saidBytes).toFixed(0),
    beyondOf(runs, (run) => run.countedBytes).toFixed(0),
    beyondOf(runs, (run) => run.residentBytes).toFixed(0),
    (100 * shareOf(runs)).toFixed(1),
    limit,
    bestOf(runs, (run) => run.longestCallMs).toFixed(1),
    bestOf(runs, (run) => run.longestGcMs).toFixed(1),
  ]
}

function checksOf({ name, bar }: Case, runs: readonly NearMemory[]): Check[] {
  const pauseMs = Math.max(
    bestOf(runs, (run) => run.longestCallMs),
    bestOf(runs, (run) => run.longestGcMs),
  )
  const pause = {
    name: `near cache of ${name}: longest pause`,
    passed: pauseMs <= LONGEST_PAUSE_MS,
    detail: `${pauseMs.toFixed(1)} ms, at most ${LONGEST_PAUSE_MS}`,
  }
  if (bar === undefined) return [pause]
  const passed = 'bytes' in bar ? worstOf(runs) <= bar.bytes : shareOf(runs) <= bar.share
  const detail = `${worstOf(runs).toFixed(0)} B an entry, ${(100 * shareOf(runs)).toFixed(1)} %`
  return [{ name: `near cache of ${name}: cost beyond key and value`, passed, detail }, pause]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { text, checks } = await nearMemoryBenchmark()
  const lines = checks.map(({ name, passed, detail }) => `${passed ? 'ok  ' : 'FAIL'} ${name}: ${detail}`)
  process.stdout.write(`${[text, '', ...lines].join('\n')}\n`)
}
