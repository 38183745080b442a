import { pause, systemClock } from '../../../src/base/clock.ts'
import type { SeededChance } from '../../torture/seeded-chance.ts'
import { monotonicMs } from '../load/monotonic.ts'
import type { Scenario } from '../scenario.ts'
import type { DrillWorld } from '../world/drill-world.ts'
import type { RingTier } from '../world/ring-tier.ts'

export interface Inflicted {
  readonly name: string
  readonly from: number
  readonly to: number
}

const QUIET_MS = [2_000, 8_000] as const
const FAULT_MS = [500, 6_000] as const

/** One fault after the other, at random, with quiet in between, for so long. The last one has ended when it resolves. */
export async function faultLane(
  world: DrillWorld<RingTier>,
  { faults, forMs, chance }: { faults: readonly Scenario<RingTier>[]; forMs: number; chance: SeededChance },
): Promise<Inflicted[]> {
  const inflicted: Inflicted[] = []
  const endAt = monotonicMs() + forMs
  for (;;) {
    const quietMs = chance.between(...QUIET_MS)
    const faultMs = chance.between(...FAULT_MS)
    if (monotonicMs() + quietMs + faultMs > endAt) break
    await pause(systemClock, quietMs)
    const fault = chance.pick(faults)
    const from = monotonicMs()
    const mend = await fault.inflict(world, chance)
    if (fault.momentary !== true) await pause(systemClock, faultMs)
    await mend()
    inflicted.push({ name: fault.name, from, to: monotonicMs() })
  }
  await pause(systemClock, Math.max(0, endAt - monotonicMs()))
  return inflicted
}
