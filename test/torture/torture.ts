import { resolve } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { until } from '../support/until.ts'
import { TorturedClient } from './client.ts'
import { Cluster } from './cluster.ts'
import type { Fault, World } from './fault.ts'
import { FaultLane } from './fault-lane.ts'
import { KEYSPACES } from './keyspaces.ts'
import { ModelOrigin } from './model-origin.ts'
import { type Recovery, recovery } from './recovery.ts'
import { SeededChance } from './seeded-chance.ts'
import { Witness } from './witness.ts'
import { Workload } from './workload.ts'

/** The sidecar under torture: another build than the tree's own where `TORTURE_PROGRAM` names one. */
export const program = () => resolve(process.env.TORTURE_PROGRAM ?? 'dist/main.js')

export interface TortureOptions {
  readonly seed: number
  readonly readReplicas?: boolean
  /** The longest that anything is frozen, held or away. */
  readonly longestMs: number
  /** What happens to the world, until it resolves; the workload runs all the while. */
  readonly plan: (world: World) => Promise<void>
  /** Called before the plan begins. */
  readonly onBegin?: (witness: Witness) => void
}

export interface Tortured {
  readonly witness: Witness
  /** After the last fault, with the workload still running. */
  readonly recovery: Recovery
}

const SHARDS = 3
const SIDECARS = 4
/** A fault that takes memory back in time shows only where there is something in it. */
const WARM_READS = 3_000
const READS_BETWEEN = 600

/** Real shards and sidecars under load while a plan of faults is carried out, then until all is well again. */
export async function torture(options: TortureOptions): Promise<Tortured> {
  const witness = new Witness(KEYSPACES)
  const origin = new ModelOrigin(new SeededChance(options.seed + 1))
  await origin.start()
  try {
    const readReplicas = options.readReplicas ?? false
    const size = { shards: SHARDS, sidecars: SIDECARS, program: program(), readReplicas }
    const cluster = await Cluster.start({ ...size, originTarget: origin.target })
    try {
      return { witness, recovery: await underLoad(options, { witness, origin, cluster }) }
    } finally {
      await cluster.stop()
    }
  } finally {
    await origin.close()
  }
}

async function underLoad(
  { seed, longestMs, plan, onBegin }: TortureOptions,
  parts: { readonly witness: Witness; readonly origin: ModelOrigin; readonly cluster: Cluster },
): Promise<Recovery> {
  const { witness, origin, cluster } = parts
  const clients = cluster.sidecars.map((sidecar) => new TorturedClient(sidecar))
  const workload = await Workload.start({ clients, origin, witness, chance: new SeededChance(seed + 2) })
  try {
    onBegin?.(witness)
    await until('a warm cache', () => witness.reads > WARM_READS, 60_000)
    await plan({ cluster, origin, witness, chance: new SeededChance(seed), longestMs })
    origin.failing = 0
    // Recovery is for a fleet in use: readers and writers go on meanwhile.
    return await recovery(cluster, clients)
  } finally {
    await workload.stop()
    for (const client of clients) client.close()
  }
}

/** Faults at random for `forMs`, in two lanes, so that some overlap. */
export function atRandom(choices: readonly Fault[], forMs: number): TortureOptions['plan'] {
  return async (world) => {
    const taken = new Set<string>()
    const endAt = systemClock.now() + forMs
    const lanes = [new FaultLane(world, taken), new FaultLane(world, taken)]
    await Promise.all(lanes.map((lane) => lane.run(choices, endAt)))
  }
}

/** Each fault once, one after the other; what it has done is read before the next one begins. */
export function eachOnce(choices: readonly Fault[]): TortureOptions['plan'] {
  return async (world) => {
    const lane = new FaultLane(world)
    for (const fault of choices) {
      await lane.inflict(fault)
      const before = world.witness.reads
      await until(`reads after ${fault.name}`, () => world.witness.reads > before + READS_BETWEEN, 60_000)
    }
  }
}
