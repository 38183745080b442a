import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Result, writeResult, writeVerdicts } from './index-page.ts'

const RESULT: Result = {
  fault: 'A shard is killed.',
  hits: '98 → 74 %',
  p99: '10 → 15 ms',
  failed: 'none',
  mostAtOnce: '3 of 16',
  wellAgain: 'after 4.8 s',
  invariants: 'all held',
}

let out: string
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'ringside-index-'))
  for (const folder of ['shard-kill', 'db-down', 'judged-flush', 'soak']) mkdirSync(join(out, folder))
})
afterEach(() => rmSync(out, { recursive: true }))

const lines = () => readFileSync(join(out, 'README.md'), 'utf8').split('\n')
const rows = (name: string) => lines().filter((line) => line.startsWith(`| [${name}]`))

describe('the index of drills', () => {
  it('lists every report that the folder holds, in an order of its own', () => {
    writeResult(out, 'db-down', RESULT)
    writeResult(out, 'shard-kill', RESULT)
    const listed = lines().flatMap((line) => line.match(/^\| \[([\w-]+)\]/)?.[1] ?? [])
    expect(listed).toEqual(['shard-kill', 'db-down'])
  })

  it('takes the newest result of each', () => {
    writeResult(out, 'shard-kill', RESULT)
    writeResult(out, 'shard-kill', { ...RESULT, invariants: '**2 failed**' })
    expect(rows('shard-kill')).toHaveLength(1)
    expect(rows('shard-kill')[0]).toContain('**2 failed**')
  })

  it('lists each verdict of a measurement', () => {
    const verdicts = [
      { name: 'zero raises', passed: true, seen: '0 raises' },
      { name: 'memory is flat', passed: false, seen: '+30 %' },
    ]
    writeVerdicts(out, 'judged-flush', { title: 'The whole tier emptied', verdicts })
    const [first, second] = lines().filter((line) => line.includes('zero raises') || line.includes('memory is flat'))
    expect(first).toBe('| [The whole tier emptied](judged-flush/README.md) | passed | zero raises | 0 raises |')
    expect(second).toBe('|  | **FAILED** | memory is flat | +30 % |')
  })
})
