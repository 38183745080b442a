import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runDrill } from './drill.ts'
import { LOAD_MS, ORIGIN_LIMIT } from './drill-database.ts'
import { BOUND_MS, KEYS } from './drill-world.ts'
import { invariantsOf } from './invariants.ts'
import { writeReport } from './report.ts'
import { SCENARIOS } from './scenarios.ts'

const { values } = parseArgs({
  options: {
    scenario: { type: 'string' },
    /** Folder for the report; a temporary one if absent. */
    out: { type: 'string' },
    /** Seconds. */
    baseline: { type: 'string', default: '10' },
    fault: { type: 'string', default: '15' },
    recovery: { type: 'string', default: '20' },
    /** Gets a second. */
    rate: { type: 'string', default: '1000' },
    /** Rows changed in a second. */
    changes: { type: 'string', default: '20' },
    /** Milliseconds for each get. */
    deadline: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
  },
})

function refuse(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}

const scenario = SCENARIOS.find(({ name }) => name === values.scenario)
const names = SCENARIOS.map(({ name }) => name).join(', ')
if (scenario === undefined) refuse(`--scenario takes one of ${names}`)
const amount = (name: 'baseline' | 'fault' | 'recovery' | 'rate' | 'changes' | 'deadline' | 'seed'): number => {
  const number = Number(values[name])
  return number > 0 ? number : refuse(`--${name} takes a number above 0`)
}

// What was started ends with this process.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const [rate, changes, deadlineMs] = [amount('rate'), amount('changes'), amount('deadline')]
const record = await runDrill({
  scenario,
  baselineMs: amount('baseline') * 1_000,
  faultMs: amount('fault') * 1_000,
  recoveryMs: amount('recovery') * 1_000,
  perSecond: rate,
  changesPerSecond: changes,
  deadlineMs,
  seed: amount('seed'),
  progress: (text) => void process.stderr.write(`${text}\n`),
})
const invariants = invariantsOf(record)
const out = values.out ?? mkdtempSync(join(tmpdir(), 'ringside-drill-'))
const path = writeReport(out, {
  scenario,
  command: `npm run drill -- ${process.argv.slice(2).join(' ')}`,
  setting: [
    `Three shards (redis-server), PostgreSQL, two sidecars; a load of its own process sends ${rate} gets a second, whether or`,
    `not answers come, for ${KEYS} keys at random, with a deadline of ${deadlineMs} ms, and changes ${changes} rows a second, each by an`,
    `update and then \`Invalidate\`. Freshness bound ${BOUND_MS / 1_000} s; near cache 128 KiB, about half of the keys; each load takes the`,
    `database ${LOAD_MS} ms and one of ${ORIGIN_LIMIT} advisory locks, of which every sidecar may use half.`,
  ].join('\n'),
  record,
  invariants,
})
for (const { name, passed, seen } of invariants)
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name}: ${seen}\n`)
process.stdout.write(`\n${path}\n`)
if (invariants.some(({ passed }) => !passed)) process.exitCode = 1
