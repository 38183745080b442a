import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { Ring } from '../../src/ring/ring.ts'
import { MemoryShard } from '../../src/store/memory-shard.ts'
import { ShardedStore } from '../../src/store/sharded-store.ts'
import { FailingShard } from './failing-shard.ts'
import { ManualClock } from './manual-clock.ts'
import { ScriptedOrigin } from './scripted-origin.ts'
import { productPolicy, useCases } from './use-cases.ts'

/** One or more sidecars' use cases over one memory shard, with time, chance and the origin in the test's hands. */
export function cacheRig(changes: Partial<KeyspacePolicy> = {}, waitMs = 1_000) {
  const clock = new ManualClock()
  let tokens = 0
  const chance = {
    uniform: () => 0.5,
    bytes: (size: number) => {
      tokens += 1
      return Buffer.alloc(size, tokens)
    },
  }
  const shard = new FailingShard(new MemoryShard({ name: 'a', maxBytes: 1 << 24 }, clock))
  const store = new ShardedStore(new Ring([{ name: 'a', weight: 1 }]), [shard])
  const origin = new ScriptedOrigin(clock)
  const sidecar = () => useCases({ clock, chance, store, origin, policy: productPolicy(changes), waitMs })
  return { clock, shard, store, origin, sidecar, ...sidecar() }
}
