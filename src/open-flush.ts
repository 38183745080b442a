import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { EnvironmentFlush } from './cache/environment-flush.ts'
import type { FleetErrands } from './cache/fleet-errands.ts'
import type { NearRung } from './cache/near-rung.ts'
import type { Config } from './config/config.ts'
import type { Keyspaces } from './keyspace/keyspaces.ts'
import { FlushNotices } from './store/flush-notices.ts'
import type { Tier } from './store/tier.ts'

export interface FlushSurroundings {
  readonly store: Tier
  readonly near: NearRung
  readonly errands: FleetErrands
  readonly keyspaces: Pick<Keyspaces, 'policies'>
  /** Whether the origins have room for more reads. */
  readonly mayGoOn: () => boolean
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

export interface OpenedFlush {
  /** `undefined` where the configuration does not allow it. */
  readonly flush: EnvironmentFlush | undefined
  /** By which every sidecar hears that the environment was flushed, wherever that was allowed. */
  readonly notices: FlushNotices
}

/** Where no origin says how many keys a second it bears. */
const KEYS_PER_SECOND = 2_000

/** The emptying of the environment, through this sidecar or another. */
export function openFlush(config: Config, { store, near, ...parts }: FlushSurroundings): OpenedFlush {
  const { env, origins, heartbeatMs, admin } = config
  const onFlushed = () => near.changed(undefined)
  const notices = new FlushNotices(heartbeatMs, { tier: store, clock: parts.clock, onFlushed })
  if (!admin.flush) return { flush: undefined, notices }
  const keysPerSecond = Math.min(KEYS_PER_SECOND, ...origins.map(({ coldRate = KEYS_PER_SECOND }) => coldRate))
  return { flush: new EnvironmentFlush({ env, keysPerSecond }, { ...parts, store, notices }), notices }
}
