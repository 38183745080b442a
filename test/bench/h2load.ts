import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOAD_CORE, runChild } from './child.ts'
import { GET_PATH } from './get-message.ts'
import type { Run } from './run.ts'

/** One request body, sent `count` times by h2load with so many in flight on one connection. Fast enough for any server. */
export async function h2load(address: string, body: Buffer, count: number, inFlight: number): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-bench-'))
  const file = join(directory, 'body')
  writeFileSync(file, body)
  const fixed = [
    '-d',
    file,
    '-H',
    'content-type: application/grpc',
    '-H',
    'te: trailers',
    `http://${address}${GET_PATH}`,
  ]
  const output = await runChild(LOAD_CORE, ['h2load', '-n', `${count}`, '-c', '1', '-m', `${inFlight}`, ...fixed])
  rmSync(directory, { recursive: true })
  const succeeded = Number(output.match(/(\d+) succeeded/)?.[1])
  if (succeeded !== count) throw new Error(`h2load: ${succeeded} of ${count} succeeded\n${output}`)
  const mean = output.match(/time for request:\s+\S+\s+\S+\s+(\S+)/)?.[1] ?? ''
  const perSecond = Number(output.match(/finished in [^,]+, ([\d.]+) req\/s/)?.[1])
  return { requests: count, perSecond, meanMs: millis(mean), p99Ms: Number.NaN }
}

function millis(text: string): number {
  const [, digits, unit] = text.match(/^([\d.]+)(us|ms|s)$/) ?? []
  return Number(digits) * ({ us: 0.001, ms: 1, s: 1_000 }[unit ?? ''] ?? Number.NaN)
}
