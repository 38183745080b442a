import { setTimeout as wait } from 'node:timers/promises'
import type { Sidecar } from '../support/sidecar.ts'
import type { Check } from './check.ts'
import { LOAD_CORE, startChild } from './child.ts'
import { residentBytes } from './cpu.ts'
import { OURS, PEER, startEngines } from './engine-rig.ts'
import { countFor, nearHits } from './near-hits.ts'
import { table } from './table.ts'
import { tsx } from './tsx.ts'

const CONNECTIONS = 10_000
const BAR_BYTES = 10 << 10
const VALUE_BYTES = 100
/** Garbage of what came before goes within so long, once the process is idle. */
const SETTLE = { samples: 20, everyMs: 500 }
const WARM = { valueBytes: VALUE_BYTES, connections: 64, inFlight: 10 }

/** Memory that connections cost the sidecar which made one call each and are silent since. */
export async function engineIdle() {
  const rows = [['idle connections', 'RSS before MB', 'RSS with them MB', 'bytes each']]
  const checks: Check[] = []
  for (const engine of [OURS, PEER] as const) {
    process.stderr.write(`engine: ${CONNECTIONS} idle connections on ${engine}\n`)
    const rig = await startEngines(engine)
    try {
      const [before, after] = await idle(rig.sidecars[0]!)
      const each = (after - before) / CONNECTIONS
      rows.push([`${CONNECTIONS}, ${engine}`, mb(before), mb(after), each.toFixed(0)])
      const detail = `${each.toFixed(0)} bytes each, less than ${BAR_BYTES}`
      if (engine === OURS) checks.push({ name: 'idle connections', passed: each < BAR_BYTES, detail })
    } finally {
      await rig.stop()
    }
  }
  return { text: table(rows), checks }
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)

async function idle(sidecar: Sidecar): Promise<readonly [before: number, after: number]> {
  await nearHits(sidecar, await countFor(2, sidecar, WARM), WARM)
  const before = await settled(sidecar)
  const child = await startChild(LOAD_CORE, tsx('idle-load.ts', sidecar.grpc, VALUE_BYTES, CONNECTIONS))
  try {
    return [before, await settled(sidecar)]
  } finally {
    child.kill()
  }
}

/** The least that is resident during the next seconds. */
async function settled({ pid }: Sidecar): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let sample = 0; sample < SETTLE.samples; sample += 1) {
    least = Math.min(least, residentBytes(pid))
    await wait(SETTLE.everyMs)
  }
  return least
}
