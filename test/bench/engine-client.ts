import type { Sidecar } from '../support/sidecar.ts'
import type { Check } from './check.ts'
import { LOAD_CORE, runChild } from './child.ts'
import { type EngineRig, PEER } from './engine-rig.ts'
import { inTurns, midOf, type Paired, ratioOf } from './in-turns.ts'
import { IN_FLIGHT, VALUE_BYTES } from './run.ts'
import { table } from './table.ts'
import { tsx } from './tsx.ts'
import type { Measured } from './with-cpu.ts'

/** The client under test; the other one is that of the peer engine. */
const OURS = 'ringside'
const ROUNDS = 4
const CALLS = { [OURS]: 50_000, [PEER]: 10_000 }
const BAR = 5

const throughput = (run: Measured): number => run.perSecond
const perCore = (run: Measured): number => 1e6 / run.cpuPerRequest

/** Near hits by the TypeScript client beside those by grpc-js' client, both of the sidecar on its own engine. */
export async function engineClient({ sidecars: [sidecar] }: EngineRig) {
  const rows = [['TypeScript client, 2 KB', 'in flight', '/s', 'grpc-js /s', 'calls a core', 'grpc-js', 'ratio']]
  const checks: Check[] = []
  for (const inFlight of IN_FLIGHT) {
    const paired = await inTurns(`engine: clients, ${inFlight} in flight`, ROUNDS, () => [
      () => gets(OURS, sidecar!, inFlight),
      () => gets(PEER, sidecar!, inFlight),
    ])
    rows.push(rowOf(inFlight, paired))
    const ratio = ratioOf(paired, perCore)
    const detail = `${ratio.toFixed(2)} of grpc-js' calls a core, at least ${BAR}`
    checks.push({ name: `TypeScript client, ${inFlight} in flight`, passed: ratio >= BAR, detail })
  }
  return { text: table(rows), checks }
}

async function gets(client: typeof OURS | typeof PEER, { grpc }: Sidecar, inFlight: number): Promise<Measured> {
  const args = [client, grpc, VALUE_BYTES, CALLS[client], inFlight]
  return JSON.parse(await runChild(LOAD_CORE, tsx('client-load.ts', ...args))) as Measured
}

function rowOf(inFlight: number, paired: Paired<Measured>): string[] {
  const { ours, peers } = paired
  return [
    'near hit',
    String(inFlight),
    midOf(ours, throughput),
    midOf(peers, throughput),
    midOf(ours, perCore),
    midOf(peers, perCore),
    ratioOf(paired, perCore).toFixed(2),
  ]
}
