import { parseArgs } from 'node:util'
import type { Check } from './check.ts'
import { compressionBenchmark } from './compression.ts'
import { designLoadBenchmark } from './design-load.ts'
import { engineBenchmark, engineParts } from './engine.ts'
import { engineLongBenchmark } from './engine-long.ts'
import { fieldsBenchmark } from './fields.ts'
import { hitRatio, printHitRatio } from './hit-ratio.ts'
import { hotBenchmark } from './hot.ts'
import { memoryBenchmark } from './memory.ts'
import { rpcBenchmark } from './rpc.ts'
import { tagsBenchmark } from './tags.ts'
import { trackingBenchmark } from './tracking.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, only: { type: 'string' } } })
const checks: Check[] = []
/** Runs only when it is named: a part of `engine`, or too long. */
const byName: ReadonlySet<string> = new Set(['engine-long', ...Object.keys(engineParts)])

for (const [name, measure] of [
  ['rpc', rpcBenchmark],
  ['engine', engineBenchmark],
  ['engine-long', engineLongBenchmark],
  ['design-load', designLoadBenchmark],
  ['tracking', trackingBenchmark],
  ['memory', memoryBenchmark],
  ['hot', hotBenchmark],
  ['fields', fieldsBenchmark],
  ['tags', tagsBenchmark],
  ['compression', compressionBenchmark],
  ...Object.entries(engineParts),
] as const) {
  if (values.only === undefined ? byName.has(name) : values.only !== name) continue
  const { text, checks: own } = await measure()
  process.stdout.write(`\n${text}\n`)
  checks.push(...own)
}
if (values.only === undefined || values.only === 'near') {
  const report = await hitRatio()
  process.stdout.write('\n')
  printHitRatio(report)
  checks.push(...report.checks)
}

process.stdout.write('\n')
for (const { name, passed, detail } of checks) process.stdout.write(`${passed ? 'ok  ' : 'FAIL'} ${name}: ${detail}\n`)
if (values.check && checks.some((check) => !check.passed)) process.exitCode = 1
