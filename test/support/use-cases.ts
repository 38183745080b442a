import type { Chance } from '../../src/base/chance.ts'
import type { Clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Answer, GetRequest } from '../../src/cache/cache.ts'
import type { Landing } from '../../src/cache/landing.ts'
import { LeaseDesk } from '../../src/cache/lease-desk.ts'
import { Loads } from '../../src/cache/loads.ts'
import { NearRung } from '../../src/cache/near-rung.ts'
import { OwnChanges } from '../../src/cache/own-changes.ts'
import { ReadPath } from '../../src/cache/read-path.ts'
import { ReadTally } from '../../src/cache/read-tally.ts'
import { Refresher } from '../../src/cache/refresher.ts'
import { RingsideCache } from '../../src/cache/ringside-cache.ts'
import { WritePath } from '../../src/cache/write-path.ts'
import { Flights } from '../../src/flight/flights.ts'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { refreshLockName } from '../../src/keyspace/physical-key.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { createNearCache } from '../../src/near/create-near-cache.ts'
import type { Origin } from '../../src/origin/origin.ts'
import type { ShardedStore } from '../../src/store/sharded-store.ts'

export const LEASE_TTL_MS = 3_000
export const MAX_VALUE_BYTES = 1_000

export interface UseCaseSurroundings {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: ShardedStore
  readonly origin: Origin
  readonly policy: KeyspacePolicy
  /** How long a reader waits for another's lease. */
  readonly waitMs: number
}

/** The keyspace `product` of a test, read from the origin `scripted`. */
export const productPolicy = (changes: Partial<KeyspacePolicy> = {}): KeyspacePolicy => ({
  name: 'product',
  version: 1,
  consistency: 'bounded',
  boundMs: 5_000,
  ttlMs: 60_000,
  jitter: 0,
  softTtlMs: undefined,
  negativeTtlMs: 10_000,
  origin: 'scripted',
  tenants: 'none',
  keyPattern: undefined,
  near: true,
  degradedMs: 0,
  degradedThen: 'origin',
  ...changes,
})

/** The use cases of one sidecar over a store and an origin of the test's choice. */
export function useCases({ clock, chance, store, origin, policy, waitMs }: UseCaseSurroundings) {
  const tally = new ReadTally([policy.name], clock)
  const changes = new OwnChanges(clock)
  const near = new NearRung(createNearCache({ maxBytes: 1 << 20, policy: 'frequency' }, clock), changes, clock)
  const flights = new Flights<Landing>(clock)
  const loads = new Loads(new Map([['scripted', origin]]), clock, chance)
  const leases = new LeaseDesk(
    { ttlMs: LEASE_TTL_MS, waitMs, maxValueBytes: MAX_VALUE_BYTES },
    { store, loads, tally, clock, chance, log: silentLog },
  )
  const refresher = new Refresher(
    { lockName: refreshLockName, lockMs: LEASE_TTL_MS, maxValueBytes: MAX_VALUE_BYTES },
    { store, loads, near, tally, log: silentLog },
  )
  const reads = new ReadPath({ near, flights, store, leases, loads, refresher, clock, onRung: () => undefined })
  const writes = new WritePath({ store, near, flights, changes, tally })
  const keyspaces = new Keyspaces({ env: 'test', policies: [policy] })
  const cache = new RingsideCache({ keyspaces, reads, writes, tally, clock })
  const get = async (key: string, more: Partial<GetRequest> = {}): Promise<Answer> =>
    cache.get({ keyspace: policy.name, key, tenant: '', ...more })
  const invalidate = async (key: string) => (await cache.invalidate([{ keyspace: policy.name, key, tenant: '' }]))[0]
  return { cache, get, invalidate, leases, refresher, flights, tally }
}

export const textOf = (answer: Answer): string => answer.value.toString()
