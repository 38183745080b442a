import { parseArgs } from 'node:util'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { tortureBehind } from './behind/torture-behind.ts'
import { type ChangeSource, changesTable, tortureChanges } from './changes/torture-changes.ts'
import { FAULTS } from './fault-lane.ts'
import { tortureHotKey } from './hot-key.ts'
import { locksTable, tortureLocks } from './locks/torture-locks.ts'
import { saveReports } from './reports.ts'
import { progressLine, summaryTable } from './summary.ts'
import { atRandom, program, type Tortured, torture } from './torture.ts'
import { tortureWarm } from './warm/torture-warm.ts'
import type { Witness } from './witness.ts'

const PROGRESS_MS = 5_000
const LONGEST_MS = 4_000
/** Of sidecars, in the scenario `behind`. */
const KILLS = 16

const { values } = parseArgs({
  options: {
    /** 5, or 1 for locks. */
    minutes: { type: 'string' },
    seed: { type: 'string' },
    /** Names of faults, separated by commas. */
    only: { type: 'string' },
    /**
     * Instead of the faults: `hot-key`: one key with copies, invalidated all the while; `locks`: one lock that many
     * processes want which are frozen for longer than its ttl; `behind`: values and sums of which a database hears later,
     * while sidecars are killed and the database is restarted; `changes`: rows changed with psql, of which only events tell;
     * `warm`: a keyspace that is warmed through sidecars which are killed.
     */
    scenario: { type: 'string' },
    changes: { type: 'string', default: '10000' },
    /** Of the changes. */
    source: { type: 'string', default: 'postgres-replication,postgres-outbox' },
    invalidations: { type: 'string', default: '10000' },
    writes: { type: 'string', default: '100000' },
    additions: { type: 'string', default: '1000000' },
    /** That are warmed, and how many of them a second; 0 = as many as there are places for. */
    keys: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '0' },
    /** Lets the sidecars read from replicas. */
    replicas: { type: 'boolean', default: false },
  },
})
const isLocks = values.scenario === 'locks'
const minutes = values.minutes ?? (isLocks ? '1' : '5')
const forMs = Number(minutes) * 60_000
const seed = values.seed === undefined ? Math.floor(systemChance.uniform() * 2 ** 31) : Number(values.seed)
const only = values.only?.split(',')
const choices = FAULTS.filter(({ name }) => only === undefined || only.includes(name))
const unknown = only?.filter((name) => !FAULTS.some((fault) => fault.name === name)) ?? []
const invalidations = Number(values.invalidations)
const isHotKey = values.scenario === 'hot-key'
const isBehind = values.scenario === 'behind'
const isChanges = values.scenario === 'changes'
const isWarm = values.scenario === 'warm'
const isOther = isHotKey || isLocks || isBehind || isChanges || isWarm
const isUnclear = (values.scenario !== undefined && !isOther) || !(invalidations > 0) || unknown.length > 0
if (!(forMs > 0) || !Number.isSafeInteger(seed) || isUnclear) {
  process.stderr.write(
    `--minutes and --invalidations take a number above 0, --seed an integer, --scenario hot-key, locks, behind, changes or warm, --only names out of ${FAULTS.map(({ name }) => name).join(',')}\n`,
  )
  process.exit(2)
}

const print = (text: string) => process.stdout.write(`${text}\n`)

function reportProgress(witness: Witness): void {
  const begunAt = systemClock.now()
  const tick = () => {
    print(progressLine(witness, systemClock.now() - begunAt))
    systemClock.after(PROGRESS_MS, tick)
  }
  systemClock.after(PROGRESS_MS, tick)
}

// What was started ends with this process.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

async function run(): Promise<Partial<Tortured> & Pick<Tortured, 'witness'>> {
  const onBegin = reportProgress
  if (isHotKey) {
    print(`seed ${seed}, ${invalidations} invalidations of one key with copies`)
    return { witness: await tortureHotKey({ seed, program: program(), invalidations, onBegin }) }
  }
  print(`seed ${seed}, ${minutes} min, faults: ${choices.map(({ name }) => name).join(', ')}`)
  const plan = atRandom(choices, forMs)
  return torture({ seed, readReplicas: values.replicas, longestMs: LONGEST_MS, plan, onBegin })
}

if (isChanges) {
  let stale = 0
  for (const source of values.source.split(',') as ChangeSource[]) {
    print(`${values.changes} row changes, told of by ${source}`)
    const tortured = await tortureChanges({ source, changes: Number(values.changes), onProgress: print })
    print(`\n${changesTable(tortured)}\n`)
    stale += tortured.stale.length
  }
  process.exit(stale > 0 ? 1 : 0)
}
if (isLocks) {
  print(`seed ${seed}, ${minutes} min, eight processes and one lock`)
  const tortured = await tortureLocks({ seed, program: program(), forMs, onProgress: print })
  print(`\n${locksTable(tortured)}`)
  process.exit(tortured.violations.length > 0 ? 1 : 0)
}
if (isBehind) {
  const amounts = { writes: Number(values.writes), additions: Number(values.additions) }
  print(`seed ${seed}, ${amounts.writes} writes and ${amounts.additions} additions through four sidecars`)
  const { wrong, ...tortured } = await tortureBehind({
    seed,
    program: program(),
    kills: KILLS,
    ...amounts,
    onProgress: print,
  })
  print(`\n${JSON.stringify(tortured)}`)
  for (const one of wrong.slice(0, 20)) print(one)
  print(wrong.length === 0 ? 'all has arrived' : `${wrong.length} WRONG`)
  process.exit(wrong.length > 0 ? 1 : 0)
}
if (isWarm) {
  const amounts = { keys: Number(values.keys), keysPerSecond: Number(values.rate) }
  const { lost, wrong, loadedAgain, ...tortured } = await tortureWarm({
    ...{ program: program(), kills: 2, onProgress: print },
    ...amounts,
  })
  print(`\n${JSON.stringify(tortured)}`)
  const isOver = tortured.together > tortured.mostTogether
  const failed = isOver || [lost, wrong, loadedAgain].some((keys) => keys.length > 0)
  print(failed ? `LOST ${lost}, WRONG ${wrong}, LOADED AGAIN ${loadedAgain}` : 'all is warm')
  process.exit(failed ? 1 : 0)
}
const result = await run()
print(`\n${summaryTable(result)}`)
if (result.witness.violated > 0) {
  print(`\nThe guarantee was broken; what went before is in ${saveReports(result.witness, seed)}`)
}
if (result.witness.violated > 0 || 'unwell' in (result.recovery ?? {})) process.exitCode = 1
