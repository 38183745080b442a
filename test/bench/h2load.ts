import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOAD_CORE, runChild } from './child.ts'
import { GET_PATH } from './get-message.ts'
import type { Run } from './run.ts'

export interface H2Load {
  /** `host:port`, or `unix:` and a path. */
  readonly address: string
  /** Sent with every request, framed. */
  readonly body: Buffer
  readonly count: number
  readonly connections?: number
  /** On each connection. */
  readonly inFlight: number
  /** Both receive windows are two to the power of it, less one; 30 unless given. */
  readonly windowBits?: number
}

/** One request body, sent `count` times by h2load. Fast enough for any server. */
export async function h2load(load: H2Load): Promise<Run> {
  const { address, body, count, connections = 1, inFlight, windowBits = 30 } = load
  const directory = mkdtempSync(join(tmpdir(), 'ringside-bench-'))
  const file = join(directory, 'body')
  writeFileSync(file, body)
  const isSocket = address.startsWith('unix:')
  const numbers = { n: count, c: connections, m: inFlight, w: windowBits, W: windowBits }
  const output = await runChild(LOAD_CORE, [
    'h2load',
    ...Object.entries(numbers).flatMap(([name, value]) => [`-${name}`, String(value)]),
    ...['-d', file, '-H', 'content-type: application/grpc', '-H', 'te: trailers'],
    ...(isSocket ? ['-B', address] : []),
    `http://${isSocket ? 'localhost' : address}${GET_PATH}`,
  ])
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
