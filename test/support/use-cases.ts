import { type Chance, systemChance } from '../../src/base/chance.ts'
import type { Clock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import type { AuditorOptions } from '../../src/cache/auditor.ts'
import type { Answer, GetRequest } from '../../src/cache/cache.ts'
import { createCache } from '../../src/cache/create-cache.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { RecentChanges } from '../../src/cache/recent-changes.ts'
import { Heat } from '../../src/hotkey/heat.ts'
import { HotList } from '../../src/hotkey/hot-list.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import type { Origin } from '../../src/origin/origin.ts'
import type { FleetVersions } from '../../src/store/fleet-versions.ts'
import type { RingTier } from '../../src/store/ring-tier.ts'

export const LEASE_TTL_MS = 3_000
export const MAX_VALUE_BYTES = 1_000

export interface UseCaseSurroundings {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: RingTier
  readonly origin: Origin
  readonly policy: KeyspacePolicy
  /** How long a reader waits for another's lease. */
  readonly waitMs: number
  readonly leaseTtlMs?: number
  readonly near: NearRung
  /** No key has copies unless given. */
  readonly hot?: HotList
  readonly audit?: AuditorOptions | undefined
  /** Its keyspace stays at the version of its policy unless given. */
  readonly versions?: FleetVersions
  readonly log?: Log | undefined
}

/** The keyspace `product` of a test, read from the origin `scripted`. */
export const productPolicy = (changes: Partial<KeyspacePolicy> = {}): KeyspacePolicy => ({
  name: 'product',
  version: 1,
  kind: 'value',
  consistency: 'bounded',
  boundMs: 5_000,
  ttlMs: 60_000,
  jitter: 0,
  softTtlMs: undefined,
  negativeTtlMs: 10_000,
  origin: 'scripted',
  tenants: 'none',
  encoding: 'json',
  compress: undefined,
  keyPattern: undefined,
  near: true,
  nearShare: 1,
  nearGroup: undefined,
  lagMs: 0,
  maxCopies: 4,
  replicaReads: false,
  writes: undefined,
  maxBacklog: 0,
  coalesceMs: 0,
  degradedMs: 0,
  degradedThen: 'origin',
  ...changes,
})

export function nearRung(clock: Clock): NearRung {
  const cache = createNearCache({ maxBytes: 1 << 20, policy: 'frequency' }, clock)
  return new NearRung(cache, new RecentChanges(clock), clock, ALL_RULES)
}

/** The use cases of one sidecar over a store and an origin of the test's choice. */
export function useCases(surroundings: UseCaseSurroundings) {
  const {
    clock,
    chance,
    store,
    origin,
    policy,
    waitMs,
    leaseTtlMs = LEASE_TTL_MS,
    near,
    hot = new HotList(clock),
    audit,
    versions,
    log = silentLog,
  } = surroundings
  const options = {
    env: 'test',
    policies: [policy],
    lease: { ttlMs: leaseTtlMs, waitMs },
    maxValueBytes: MAX_VALUE_BYTES,
    rules: ALL_RULES,
    ...(audit === undefined ? {} : { audit }),
  }
  const origins = new Map([['scripted', origin]])
  const heat = new Heat(clock, systemChance)
  const counting = { heat, hot, onRung: () => undefined, ...(versions === undefined ? {} : { versions }) }
  const made = createCache(options, { near, store, origins, clock, chance, log, ...counting })
  const { cache } = made
  const get = async (key: string, more: Partial<GetRequest> = {}): Promise<Answer> =>
    cache.get({ keyspace: policy.name, key, tenant: '', ...more })
  const invalidate = async (key: string, holdMs?: number) =>
    (
      await cache.invalidate([{ keyspace: policy.name, key, tenant: '', ...(holdMs === undefined ? {} : { holdMs }) }])
    )[0]
  return { ...made, heat, get, invalidate }
}

export const textOf = (answer: Answer): string => answer.value.toString()
