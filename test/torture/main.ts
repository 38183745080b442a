import { parseArgs } from 'node:util'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { FAULTS } from './fault-lane.ts'
import { saveReports } from './reports.ts'
import { progressLine, summaryTable } from './summary.ts'
import { atRandom, torture } from './torture.ts'
import type { Witness } from './witness.ts'

const PROGRESS_MS = 5_000
const LONGEST_MS = 4_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    /** Names of faults, separated by commas. */
    only: { type: 'string' },
    /** Lets the sidecars read from replicas. */
    replicas: { type: 'boolean', default: false },
  },
})
const forMs = Number(values.minutes) * 60_000
const seed = values.seed === undefined ? Math.floor(systemChance.uniform() * 2 ** 31) : Number(values.seed)
const only = values.only?.split(',')
const choices = FAULTS.filter(({ name }) => only === undefined || only.includes(name))
const unknown = only?.filter((name) => !FAULTS.some((fault) => fault.name === name)) ?? []
if (!(forMs > 0) || !Number.isSafeInteger(seed) || unknown.length > 0) {
  process.stderr.write(
    `--minutes takes a number above 0, --seed an integer, --only names out of ${FAULTS.map(({ name }) => name).join(',')}\n`,
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

print(`seed ${seed}, ${values.minutes} min, faults: ${choices.map(({ name }) => name).join(', ')}`)
const result = await torture({
  seed,
  readReplicas: values.replicas,
  longestMs: LONGEST_MS,
  plan: atRandom(choices, forMs),
  onBegin: reportProgress,
})
print(`\n${summaryTable(result)}`)
if (result.witness.violated > 0) {
  print(`\nThe guarantee was broken; what went before is in ${saveReports(result.witness, seed)}`)
}
if (result.witness.violated > 0 || 'unwell' in result.recovery) process.exitCode = 1
