import { parseArgs } from 'node:util'
import type { Check } from './check.ts'
import { hitRatio, printHitRatio } from './hit-ratio.ts'
import { memoryBenchmark } from './memory.ts'
import { rpcBenchmark } from './rpc.ts'
import { trackingBenchmark } from './tracking.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, only: { type: 'string' } } })
const checks: Check[] = []

for (const [name, measure] of [
  ['rpc', rpcBenchmark],
  ['tracking', trackingBenchmark],
  ['memory', memoryBenchmark],
] as const) {
  if (values.only !== undefined && values.only !== name) continue
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
