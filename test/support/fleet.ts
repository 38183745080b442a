import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import type { Origin } from '../../src/origin/origin.ts'
import { redisShard } from './redis-shard.ts'
import { ringTier } from './ring-tier.ts'
import { productPolicy, useCases } from './use-cases.ts'

export interface FleetSettings {
  readonly origin: Origin
  readonly policy?: Partial<KeyspacePolicy>
  readonly heartbeatMs?: number
  readonly timeoutMs?: number
  readonly waitMs?: number
  readonly leaseTtlMs?: number
}

export type FleetSidecar = Awaited<ReturnType<Fleet['join']>>

/** The physical key of a product of these sidecars. */
export const productKey = (key: string): string => `test:product:v1::${key}`

/** Sidecars in this process over one real server, each with its own connections and its own near cache. */
export class Fleet {
  readonly #url: string
  readonly #settings: FleetSettings
  readonly #close = new Set<() => Promise<void>>()

  constructor(url: string, settings: FleetSettings) {
    this.#url = url
    this.#settings = settings
  }

  /** `told`: called with each change that the shard tells of, after the near cache has let go. */
  async join(member: string, told: (key: string | undefined) => void = () => undefined) {
    const { origin, policy, heartbeatMs = 200, timeoutMs = 1_000, waitMs = 20_000, leaseTtlMs } = this.#settings
    const nearCache = createNearCache({ maxBytes: 4 << 20, policy: 'frequency' }, systemClock)
    const near = new NearRung(nearCache, new RecentChanges(systemClock), systemClock, ALL_RULES)
    const onChanged = (key: string | undefined) => {
      near.changed(key)
      told(key)
    }
    const shard = redisShard(this.#url, timeoutMs, { member, heartbeatMs, onChanged })
    const store = ringTier([shard], {}, heartbeatMs)
    await store.start()
    const made = useCases({
      clock: systemClock,
      chance: systemChance,
      store,
      origin,
      policy: productPolicy(policy),
      waitMs,
      near,
      ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
    })
    const close = async () => {
      if (this.#close.delete(close)) await shard.close()
    }
    this.#close.add(close)
    /** What the near cache holds of a product now; asking leaves no trace. */
    const held = (key: string) => nearCache.peek(productKey(key))
    return { member, shard, held, close, ...made }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#close].map((close) => close()))
  }
}
