import { ALL_RULES } from '../../src/base/rules.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import { HotList } from '../../src/hotkey/hot-list.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import { FailingShard } from '../support/failing-shard.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { memoryShard } from '../support/memory-shard.ts'
import { ringTier } from '../support/ring-tier.ts'
import { ScriptedOrigin } from '../support/scripted-origin.ts'
import { productPolicy, useCases } from '../support/use-cases.ts'

export const HOT = 'test:product:v1::1'

/**
 * Sidecars over four memory shards, whose key `1` has two copies. Turns begin in the middle: the first read goes to copy 1,
 * the next to copy 2, the third to the home shard.
 */
export async function copiesRig(changes: Partial<KeyspacePolicy> = {}) {
  const clock = new ManualClock()
  let drawn = 0
  const chance = {
    uniform: () => 0.5,
    bytes: (size: number) => {
      drawn += 1
      return Buffer.alloc(size, drawn)
    },
  }
  const shards = ['a', 'b', 'c', 'd'].map((name) => new FailingShard(memoryShard(clock, { name })))
  const store = ringTier(shards, { clock })
  await store.start()
  const origin = new ScriptedOrigin(clock)
  origin.rows.set('1', 'one')
  const policy = productPolicy({ near: false, ...changes })
  const sidecar = () => {
    const cache = createNearCache({ maxBytes: 1 << 20, policy: 'frequency' }, clock)
    // Nothing is worth being tracked, or it would be read at its home.
    cache.wants = () => false
    const near = new NearRung(cache, new RecentChanges(clock), clock, ALL_RULES)
    const hot = new HotList(clock)
    /** What the key's home tells of it. */
    const tell = (copies: number) => hot.hear('home', copies === 0 ? [] : [{ key: HOT, copies }])
    tell(2)
    return { ...useCases({ clock, chance, store, origin, policy, waitMs: 1_000, near, hot }), tell }
  }
  const shardOf = (place: number) =>
    shards.find(({ name }) => name === (place === 0 ? store.home(HOT) : store.copy(HOT, place)?.shard)?.name)!
  /** What lies there under the copy's name. */
  const copyAt = (place: number) => {
    const { name, shard } = store.copy(HOT, place)!
    return shard.readCopy(name, { notBefore: Number.NEGATIVE_INFINITY })
  }
  return { clock, store, origin, home: shardOf(0), shardOf, copyAt, sidecar, ...sidecar() }
}
