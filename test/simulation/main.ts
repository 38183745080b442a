import { parseArgs } from 'node:util'
import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { isRingRule, isTagRule, isVersionRule, MUTANTS, seedAgainst } from './mutants.ts'
import { simulate } from './simulate.ts'
import { simulateBehind } from './simulate-behind.ts'
import { simulateBudget } from './simulate-budget.ts'
import { simulateWrites } from './simulate-writes.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    without: { type: 'string' },
    rings: { type: 'boolean', default: false },
    emptying: { type: 'boolean', default: false },
    bumping: { type: 'boolean', default: false },
    tags: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    budget: { type: 'boolean', default: false },
    writes: { type: 'boolean', default: false },
    behind: { type: 'boolean', default: false },
  },
})

if (values.mutants) {
  for (const [rule, wrong] of Object.entries(MUTANTS)) {
    console.log(`| \`${rule}\` | ${wrong} | ${(await seedAgainst(rule as keyof Rules)) ?? 'none of 200'} |`)
  }
  process.exit(0)
}

const seed = Number(values.seed)
const rules = withoutRule(values.without)
const minutes = Number(values.minutes)
let failed = 0
for (let number = seed; number < seed + Number(values.seeds); number += 1) {
  const run = values.budget ? runBudget : values.behind ? runBehind : values.writes ? runWrites : runFreshness
  if (!(await run(number))) failed += 1
}
process.exitCode = failed === 0 ? 0 : 1

/** True if nothing was violated. */
async function runBudget(number: number): Promise<boolean> {
  const { violation, faults, queries, peak, limit } = await simulateBudget({ seed: number, minutes, rules })
  const verdict = violation === undefined ? 'clean' : 'VIOLATED'
  console.log(`seed ${number}: ${verdict}, ${faults} faults, ${queries} queries, at most ${peak} of ${limit} at once`)
  if (violation !== undefined) console.log(violation)
  return violation === undefined
}

async function runBehind(number: number): Promise<boolean> {
  const { violation, faults, acknowledged, commits } = await simulateBehind({ seed: number, minutes, rules })
  const verdict = violation === undefined ? 'clean' : 'VIOLATED'
  console.log(
    `seed ${number}: ${verdict}, ${faults} faults, ${acknowledged} changes acknowledged, ${commits} committed`,
  )
  if (violation !== undefined) console.log(violation)
  return violation === undefined
}

async function runWrites(number: number): Promise<boolean> {
  const { violation, faults, counts } = await simulateWrites({ seed: number, minutes, rules })
  const verdict = violation === undefined ? 'clean' : 'VIOLATED'
  const { reads, writes, acknowledged, unknown, commits } = counts
  console.log(
    `seed ${number}: ${verdict}, ${faults} faults, ${reads} reads, ${writes} writes (${acknowledged} acknowledged, ${unknown} unknown), ${commits} committed`,
  )
  if (violation !== undefined) console.log(violation)
  return violation === undefined
}

async function runFreshness(number: number): Promise<boolean> {
  const begunAt = performance.now()
  const { violations, counts, faults } = await simulate({
    seed: number,
    minutes,
    rules,
    changingRing: values.rings || isRingRule(values.without),
    bumping: values.bumping || isVersionRule(values.without),
    copies: !isRingRule(values.without) && !isVersionRule(values.without) && !values.bumping,
    emptying: values.emptying,
    tagged: values.tags || isTagRule(values.without),
    onSecond: (second) => {
      if (second % 60 === 0) process.stderr.write(`\rseed ${number}: ${second / 60} min `)
    },
  })
  const seconds = ((performance.now() - begunAt) / 1_000).toFixed(1)
  const { reads, near, copy, replica, degraded, failed: unanswered, changes, acknowledged, bumps } = counts
  console.log(
    `seed ${number}: ${violations.length === 0 ? 'clean' : 'VIOLATED'}, ${faults} faults, ${reads} reads ` +
      `(${Math.round((100 * near) / reads)} % near, ${Math.round((100 * copy) / reads)} % from copies, ${replica} from replicas, ${degraded} degraded, ${unanswered} unanswered), ` +
      `${changes} changes (${acknowledged} acknowledged), ${bumps} keyspaces moved, ${seconds} s`,
  )
  for (const violation of violations.slice(0, 1)) console.log(violation.report)
  return violations.length === 0
}

function withoutRule(name: string | undefined): Rules {
  if (name === undefined) return ALL_RULES
  if (name in ALL_RULES) return { ...ALL_RULES, [name]: false }
  throw new RangeError(`--without ${name} is no rule; there are ${Object.keys(ALL_RULES).join(', ')}`)
}
