import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Asked, readCommandLine } from './command-line.ts'
import { runDrill } from './drill.ts'
import { type Invariant, invariantsOf } from './invariants.ts'
import { writeReport } from './report/report.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { describeWorld, USUAL_WORLD } from './world/world-shape.ts'

const print = (text: string) => void process.stdout.write(`${text}\n`)
const progress = (text: string) => void process.stderr.write(`${text}\n`)
const command = `npm run drill -- ${process.argv.slice(2).join(' ')}`

function refuse(why: string): never {
  progress(why)
  process.exit(2)
}

function asked(): Asked {
  try {
    return readCommandLine(process.argv.slice(2))
  } catch (error) {
    return refuse((error as Error).message)
  }
}

function chosen(name: string | undefined): readonly Scenario[] {
  if (name === 'all') return SCENARIOS
  const names = SCENARIOS.map((one) => one.name).join(', ')
  const scenario = SCENARIOS.find((one) => one.name === name)
  return scenario === undefined ? refuse(`--scenario takes 'all' or one of ${names}`) : [scenario]
}

/** Runs one scenario, writes its report, and answers how it went. */
async function play(scenario: Scenario, { shape, drill }: Asked, out: string): Promise<readonly Invariant[]> {
  const whole = { ...USUAL_WORLD, ...scenario.shape, ...shape }
  const record = await runDrill({ ...drill, scenario, shape: whole, progress })
  const invariants = invariantsOf(record)
  const path = writeReport(out, {
    scenario,
    command: command.replace(/--scenario[ =]all\b/, `--scenario ${scenario.name}`),
    setting: [
      describeWorld(whole),
      `A load of its own process sends ${drill.perSecond} gets a second, whether or not answers come, with a deadline of ${drill.deadlineMs} ms,`,
      `and changes ${drill.changesPerSecond} rows a second, each by an update and then \`Invalidate\`.`,
    ].join('\n'),
    record,
    invariants,
  })
  for (const { name, passed, seen } of invariants) print(`${passed ? 'passed' : 'FAILED'}  ${name}: ${seen}`)
  print(`\n${path}\n`)
  return invariants
}

// What was started ends with this process.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const options = asked()
const scenarios = chosen(options.scenario)
const out = options.out ?? mkdtempSync(join(tmpdir(), 'ringside-drill-'))
const played: (readonly [name: string, invariants: readonly Invariant[]])[] = []
for (const scenario of scenarios) {
  progress(`\n${scenario.name}`)
  played.push([scenario.name, await play(scenario, options, out)])
}
const broken = (invariants: readonly Invariant[]) => invariants.filter(({ passed }) => !passed)
if (played.length > 1)
  for (const [name, invariants] of played) {
    const names = broken(invariants).map((one) => one.name)
    print(`${name.padEnd(18)} ${names.length === 0 ? 'all invariants held' : `FAILED: ${names.join('; ')}`}`)
  }
if (played.some(([, invariants]) => broken(invariants).length > 0)) process.exitCode = 1
