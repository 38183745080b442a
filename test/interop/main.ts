import { parseArgs } from 'node:util'
import { table } from '../bench/table.ts'
import { ENGINE_NAMES, type Engine } from '../support/engines.ts'
import { CASES } from './cases.ts'
import { GrpcJsCases } from './grpc-js-cases.ts'
import { runH2spec, type SpecResult } from './h2spec.ts'
import { HTTP_PEERS } from './http-peers.ts'
import { type Peer, runPeer } from './peer.ts'
import { Absent, PEERS } from './peers.ts'
import { startServer } from './server-process.ts'

const { values } = parseArgs({
  options: {
    /** Names of engines, separated by commas; all of them by default. */
    engine: { type: 'string', default: ENGINE_NAMES.join(',') },
  },
})
const engines = values.engine.split(',')
if (!engines.every((name) => (ENGINE_NAMES as string[]).includes(name))) {
  process.stderr.write(`--engine takes names out of ${ENGINE_NAMES.join(',')}\n`)
  process.exit(2)
}

const print = (text: string) => process.stdout.write(`${text}\n`)

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

/** What went wrong, for the end of the report. */
const faults: string[] = []

type Run = (target: string) => Promise<string[]>

/** The clients that can be had here, each as a run of all cases; the others are told. */
async function clients(): Promise<Map<string, Run>> {
  const found = new Map<string, Run>([['grpc-js', runGrpcJs]])
  for (const [name, prepare] of Object.entries(PEERS)) {
    try {
      const peer = await prepare()
      found.set(name, (target) => runEach(peer, target))
    } catch (error) {
      tellOf(name, error)
    }
  }
  return found
}

/** Absence is told and no fault; everything else is one. */
function tellOf(name: string, error: unknown): void {
  if (error instanceof Absent) print(`${name}: absent: ${error.message}`)
  else faults.push(`${name}: ${error}`)
}

async function runGrpcJs(target: string): Promise<string[]> {
  const client = new GrpcJsCases(target)
  const lines: string[] = []
  for (const name of CASES) {
    lines.push(
      await client.run(name).then(
        () => `ok ${name}`,
        (error: Error) => `not ok ${name}: ${error.message}`,
      ),
    )
  }
  client.close()
  return lines
}

/** A program for each case: some clients end with the first that fails. */
async function runEach(peer: Peer, target: string): Promise<string[]> {
  const lines: string[] = []
  for (const name of CASES) lines.push(...(await runPeer(peer, target, [name])))
  return lines
}

async function proveCases(engine: Engine, target: string, runs: ReadonlyMap<string, Run>): Promise<void> {
  const columns: string[][] = []
  for (const [client, run] of runs) {
    const lines = await run(target)
    columns.push([client, ...lines.map((line) => (line.startsWith('ok ') ? 'ok' : 'FAILED'))])
    faults.push(...lines.filter((line) => !line.startsWith('ok ')).map((line) => `${engine}, ${client}: ${line}`))
  }
  const rows = [`server: ${engine}`, ...CASES].map((name, row) => [name, ...columns.map((column) => column[row] ?? '')])
  print(`\n${table(rows)}\n`)
}

async function proveHttp(engine: Engine, target: string): Promise<void> {
  for (const [name, run] of Object.entries(HTTP_PEERS)) {
    try {
      const fault = await run(target)
      print(`${name}: ${fault === undefined ? 'ok' : 'FAILED'}`)
      if (fault !== undefined) faults.push(`${engine}, ${name}: ${fault}`)
    } catch (error) {
      tellOf(name, error)
    }
  }
}

async function proveSpec(engine: Engine, target: string): Promise<void> {
  try {
    const result = await runH2spec(target)
    print(specReport(result))
    // The frames of grpc-js are Node's, and theirs to mend.
    if (engine === 'grpc-js') return
    faults.push(...result.failed.map(({ name, why }) => `${engine}, h2spec: ${name}: ${why}`))
  } catch (error) {
    tellOf('h2spec', error)
  }
}

function specReport({ passed, skipped, failed }: SpecResult): string {
  return [
    `h2spec: ${passed} passed, ${skipped.length} skipped, ${failed.length} failed`,
    ...skipped.map((name) => `  skipped  ${name}`),
    ...failed.map(({ name, why }) => `  failed   ${name}\n           ${why}`),
  ].join('\n')
}

const runs = await clients()
for (const engine of engines as Engine[]) {
  const server = await startServer(engine)
  await proveCases(engine, server.target, runs)
  await proveHttp(engine, server.target)
  await proveSpec(engine, server.target)
  const end = server.died()
  if (end !== undefined) faults.push(`${engine}: ${end}`)
  server.stop()
}
print(faults.length === 0 ? '\nnothing failed' : `\n${faults.length} failed:\n${faults.join('\n')}`)
process.exit(faults.length === 0 ? 0 : 1)
