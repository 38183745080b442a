import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { slicesBetween } from '../drill-record.ts'
import type { Invariant } from '../invariants.ts'
import { JUDGES } from '../judge/judges.ts'
import { SCENARIOS } from '../scenarios.ts'
import { type Summary, summaryOf } from '../timeline.ts'
import { inCell } from './page.ts'
import type { Reported } from './report.ts'

/** What the index says of one report; kept beside it. */
export interface Result {
  readonly fault: string
  readonly hits: string
  readonly p99: string
  readonly failed: string
  readonly mostAtOnce: string
  readonly wellAgain: string
  readonly invariants: string
}

const RESULT = 'result.json'
const JUDGED = [...JUDGES.map(({ name }) => `judged-${name}`), 'soak']

export function resultOf({ scenario, record, invariants }: Reported): Result {
  const { beganAt, faultAt, mendedAt, endedAt } = record.phases
  const before = summaryOf(slicesBetween(record, beganAt, faultAt))
  // A fault that is over at once shows in what follows.
  const after = summaryOf(slicesBetween(record, faultAt, scenario.momentary === true ? endedAt : mendedAt))
  const whole = summaryOf(record.slices)
  const broken = invariants.filter(({ passed }) => !passed).length
  const recovery = invariants.find(({ name }) => name.startsWith('recovery'))
  const change = (unit: string, digits: number, of: (summary: Summary) => number) =>
    `${of(before).toFixed(digits)} → ${of(after).toFixed(digits)} ${unit}`
  const failures = Object.entries(whole.failures).map(([name, count]) => `${count} ${name}`)
  return {
    fault: scenario.fault,
    hits: change('%', 2, ({ hitRatio }) => hitRatio * 100),
    p99: change('ms', 1, ({ p99Ms }) => p99Ms),
    failed: failures.join(', ') || 'none',
    mostAtOnce: `${Math.max(0, ...record.gauges.map(({ atOnce }) => atOnce))} of ${record.shape.originLimit}`,
    wellAgain: recovery?.seen.split(';')[0] ?? '',
    invariants: broken === 0 ? 'all held' : `**${broken} failed**`,
  }
}

const HEAD = `# Drills

\`\`\`sh
npm run drill -- --scenario shard-kill    # or one of those below, or all; --out docs/drills keeps the reports
\`\`\`

A drill starts Redis servers, a PostgreSQL, sidecars, and a load that sends gets at a fixed rate whether or not answers come, and reports how late it was itself. Then something fails, and is mended. What every answer said is compared with what the database says; that no more loads run at once than allowed is counted by the database: each takes one of 16 advisory locks, or raises. A report has the promises with the numbers that decided, and a picture for each thing that people look at first, with the time of the fault marked.

How big the world is can be said: \`--sidecars --fleet --shards --replicas --keys --skew --value --near --bound --degraded --limit --batch --query\`, and what happens in it: \`--rate --cold --changes --deadline --baseline --fault --recovery --seed\` (seconds, but for \`--deadline\` and \`--query\`, which are milliseconds, and \`--near\`, KiB).

Latency counts from the moment at which a get was due. *Near the baseline again* is a hit ratio of at least 95 % of what it was, a p99 of at most three times what it was or 50 ms, and at most 1 % failures, for three seconds; where the fault leaves shards empty, the first get of each key does not count as a miss, for nobody could have had it.

Recorded on 2 cores, all processes of a drill on them:
`

const TABLE = `| drill | what is done | hits before → in the fault | p99 before → in the fault | failed gets | most loads at once | near the baseline again | invariants |
|---|---|---|---|---|---|---|---|`

const JUDGED_HEAD = `
## Measurements

\`\`\`sh
npm run drill -- --judge shard-kill    # or flush, db-down, all
npm run drill -- --soak --minutes 20   # faults at random all the while
\`\`\`

Worlds of a certain size, with numbers that may not be passed:

| measurement | | promise | seen |
|---|---|---|---|`

const TAIL = '\n`flush` is over in a moment: its figures are those of the recovery.\n'

/** What the index says of one measurement; kept beside its report. */
interface Judgement {
  readonly title: string
  readonly verdicts: readonly Invariant[]
}

/** Writes what the index says of a drill, and the index of everything that the folder holds. */
export function writeResult(out: string, folder: string, result: Result): void {
  keep(out, folder, result)
  writeIndex(out)
}

export function writeVerdicts(out: string, folder: string, { title, verdicts }: Judgement): void {
  keep(out, folder, { title, verdicts })
  writeIndex(out)
}

function keep(out: string, folder: string, result: Result | Judgement): void {
  writeFileSync(join(out, folder, RESULT), `${JSON.stringify(result, undefined, 2)}\n`)
}

function kept<Kept>(out: string, folder: string): Kept | undefined {
  const path = join(out, folder, RESULT)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Kept) : undefined
}

function writeIndex(out: string): void {
  const drills = SCENARIOS.flatMap(({ name }) => {
    const result = kept<Result>(out, name)
    return result === undefined ? [] : [rowOf(name, result)]
  })
  const judged = JUDGED.flatMap((folder) => {
    const judgement = kept<Judgement>(out, folder)
    return judgement === undefined ? [] : linesOf(folder, judgement)
  })
  const parts = [
    HEAD,
    ...(drills.length === 0 ? [] : [TABLE, ...drills, TAIL]),
    ...(judged.length === 0 ? [] : [JUDGED_HEAD, ...judged, '']),
  ]
  writeFileSync(join(out, 'README.md'), parts.join('\n'))
}

const rowOf = (name: string, { fault, hits, p99, failed, mostAtOnce, wellAgain, invariants }: Result): string =>
  `| [${name}](${name}/README.md) | ${[fault, hits, p99, failed, mostAtOnce, wellAgain, invariants].join(' | ')} |`

const linesOf = (folder: string, { title, verdicts }: Judgement): string[] =>
  verdicts.map(
    ({ name, passed, seen }, index) =>
      `| ${index === 0 ? `[${title}](${folder}/README.md)` : ''} | ${passed ? 'passed' : '**FAILED**'} | ${name} | ${inCell(seen)} |`,
  )
