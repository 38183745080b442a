import type { Log } from '../../src/base/log.ts'
import type { AuditorOptions } from '../../src/cache/auditor.ts'
import type { NearRung } from '../../src/cache/near-rung.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { FleetVersions } from '../../src/store/fleet-versions.ts'
import { FailingShard } from './failing-shard.ts'
import { ManualClock } from './manual-clock.ts'
import { memoryShard } from './memory-shard.ts'
import { ringTier } from './ring-tier.ts'
import { ScriptedOrigin } from './scripted-origin.ts'
import { nearRung, productPolicy, useCases } from './use-cases.ts'

interface RigSettings {
  readonly waitMs?: number
  /** Whether what is read near hears of changes. */
  readonly tracked?: boolean
  /** What the shard tells of changes gets lost on its way, unnoticed. */
  readonly deaf?: boolean
  readonly audit?: AuditorOptions
  readonly log?: Log
}

/** One or more sidecars' use cases over one memory shard, with time, chance and the origin in the test's hands. */
export async function cacheRig(
  changes: Partial<KeyspacePolicy> = {},
  { waitMs = 1_000, tracked = false, deaf = false, audit, log }: RigSettings = {},
) {
  const clock = new ManualClock()
  let tokens = 0
  const chance = {
    uniform: () => 0.5,
    bytes: (size: number) => {
      tokens += 1
      return Buffer.alloc(size, tokens)
    },
  }
  // What the shard tells goes to every sidecar over it: one connection stands for all of theirs.
  const rungs: NearRung[] = []
  const onChanged = (key: string | undefined) => {
    if (!deaf) for (const near of rungs) near.changed(key)
  }
  const shard = new FailingShard(memoryShard(clock, { onChanged }))
  shard.untracked = !tracked
  const store = ringTier([shard], { clock })
  await store.start()
  const origin = new ScriptedOrigin(clock)
  const sidecar = () => {
    const near = nearRung(clock)
    rungs.push(near)
    const versions = new FleetVersions(clock, 1_000)
    const around = { clock, chance, store, origin, near, versions, audit, log }
    /** What this sidecar hears of the keyspace's next version. */
    const hear = (announced: number, inForce: number) => versions.raise('product', { announced, inForce })
    return { ...useCases({ ...around, policy: productPolicy(changes), waitMs }), hear }
  }
  return { clock, chance, shard, store, origin, sidecar, ...sidecar() }
}
