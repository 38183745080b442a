import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Asked, readCommandLine } from './command-line.ts'
import { runDrill } from './drill.ts'
import { describeLoad, USUAL_DRILL } from './drill-settings.ts'
import { type Invariant, invariantsOf } from './invariants.ts'
import { JUDGES } from './judge/judges.ts'
import { writeJudgement } from './report/judgement.ts'
import { writeReport } from './report/report.ts'
import { SCENARIOS } from './scenarios.ts'
import { runSoak } from './soak/soak.ts'
import { describeWorld, USUAL_WORLD } from './world/world-shape.ts'

/** One thing that can be asked for. */
interface Play {
  readonly name: string
  /** Writes a report into the folder. */
  run(out: string): Promise<{ readonly path: string; readonly verdicts: readonly Invariant[] }>
}

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

function drills({ shape: unlike, drill }: Asked): readonly Play[] {
  return SCENARIOS.map((scenario) => ({
    name: scenario.name,
    async run(out) {
      const shape = { ...USUAL_WORLD, ...scenario.shape, ...unlike }
      const settings = { ...USUAL_DRILL, ...drill }
      const record = await runDrill({ ...settings, scenario, shape, progress })
      const verdicts = invariantsOf(record)
      const path = writeReport(out, {
        scenario,
        command: command.replace(/--scenario[ =]all\b/, `--scenario ${scenario.name}`),
        setting: [describeWorld(shape), describeLoad(settings)].join('\n'),
        record,
        invariants: verdicts,
      })
      return { path, verdicts }
    },
  }))
}

function judgements({ shape, drill, runs }: Asked): readonly Play[] {
  return JUDGES.map((judge) => ({
    name: judge.name,
    async run(out) {
      const page = await judge.run({ shape, drill, runs, progress })
      const own = command.replace(/--judge[ =]all\b/, `--judge ${judge.name}`)
      return { path: writeJudgement(out, `judged-${judge.name}`, { ...page, command: own }), verdicts: page.verdicts }
    },
  }))
}

function soak({ shape, drill, minutes }: Asked): Play {
  return {
    name: 'soak',
    async run(out) {
      const page = { ...(await runSoak({ shape, drill, minutes, progress })), command }
      return { path: writeJudgement(out, 'soak', page), verdicts: page.verdicts }
    },
  }
}

function chosen(option: string, name: string, plays: readonly Play[]): readonly Play[] {
  if (name === 'all') return plays
  const found = plays.filter((play) => play.name === name)
  const names = plays.map((play) => play.name).join(', ')
  return found.length > 0 ? found : refuse(`--${option} takes 'all' or one of ${names}`)
}

// What was started ends with this process.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const options = asked()
const plays = [
  ...(options.scenario === undefined ? [] : chosen('scenario', options.scenario, drills(options))),
  ...(options.judge === undefined ? [] : chosen('judge', options.judge, judgements(options))),
  ...(options.soak ? [soak(options)] : []),
]
if (plays.length === 0) refuse(`say --scenario or --judge, with 'all' or a name, or --soak`)
const out = options.out ?? mkdtempSync(join(tmpdir(), 'ringside-drill-'))
const failed = new Map<string, readonly string[]>()
for (const play of plays) {
  progress(`\n${play.name}`)
  const { path, verdicts } = await play.run(out)
  for (const { name, passed, seen } of verdicts) print(`${passed ? 'passed' : 'FAILED'}  ${name}: ${seen}`)
  print(`\n${path}\n`)
  failed.set(
    play.name,
    verdicts.filter(({ passed }) => !passed).map(({ name }) => name),
  )
}
if (plays.length > 1)
  for (const [name, names] of failed)
    print(`${name.padEnd(18)} ${names.length === 0 ? 'all held' : `FAILED: ${names.join('; ')}`}`)
if ([...failed.values()].some((names) => names.length > 0)) process.exitCode = 1
