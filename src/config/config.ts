import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { AdminConfig } from './sections/admin.ts'
import type { AuditConfig } from './sections/audit.ts'
import type { EventsConfig } from './sections/events.ts'
import type { HotConfig } from './sections/hot.ts'
import type { JournalConfig } from './sections/journal.ts'
import type { LeaseConfig } from './sections/lease.ts'
import type { LimitsConfig } from './sections/limits.ts'
import type { ListenConfig } from './sections/listen.ts'
import type { LocksConfig } from './sections/locks.ts'
import type { LogConfig } from './sections/log.ts'
import type { NearConfig } from './sections/near.ts'
import type { OriginConfig } from './sections/origins.ts'
import type { ShardsConfig } from './sections/shards.ts'

/** A configuration that has passed every check, with all defaults filled in: plain data for the composition root. */
export interface Config {
  readonly env: string
  /** The largest number of sidecars, which share what `maxConcurrent` allows; `undefined` = each has it for itself. */
  readonly fleet: number | undefined
  readonly heartbeatMs: number
  readonly drainMs: number
  readonly lingerMs: number
  readonly listen: ListenConfig
  readonly shards: ShardsConfig
  readonly near: NearConfig
  readonly hot: HotConfig
  readonly lease: LeaseConfig
  readonly limits: LimitsConfig
  readonly audit: AuditConfig
  /** `undefined` = invalidations that do not reach their shard fail. */
  readonly journal: JournalConfig | undefined
  readonly locks: LocksConfig
  readonly log: LogConfig
  readonly admin: AdminConfig
  readonly origins: readonly OriginConfig[]
  readonly keyspaces: readonly KeyspacePolicy[]
  readonly events: EventsConfig
}
