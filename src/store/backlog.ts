import type { Epoch } from './epoch.ts'
import type { PackedValue } from './packing/packer.ts'
import type { ChangeNow } from './told.ts'

/** The hard expiry of an entry whose value waits in the backlog: it has none, in whatever epoch, until the origin has it. */
export const PENDING_MS: number = Number.MAX_SAFE_INTEGER

/** What of a backlog is where on each shard of an environment. */
export interface BacklogNames {
  readonly backlog: string
  readonly lease: string
  /** Records that their origins refuse. */
  readonly dead: string
}

export function backlogNames(env: string): BacklogNames {
  const backlog = `${env}:~behind`
  return { backlog, lease: `${backlog}:lease`, dead: `${backlog}:dead` }
}

/** A key as its origin knows it. */
export interface BacklogSubject {
  readonly keyspace: string
  /** Empty = none. */
  readonly tenant: string
  readonly key: string
}

/** The backlog that a change goes into. */
export interface BacklogPlace {
  /** Its name on the shard. */
  readonly backlog: string
  readonly maxBacklog: number
  readonly subject: BacklogSubject
}

/** A write that the origin hears of later. */
export interface PutBehind extends ChangeNow, BacklogPlace {
  readonly key: string
  readonly kind: 'value' | 'negative'
  readonly value: Buffer
}

/** What waits in a shard's backlog: an entry's value, that it was deleted, or that a counter has been added to. */
export interface BacklogRecord extends BacklogSubject {
  /** Grows with each record of the backlog. */
  readonly id: string
  /** The entry's name. */
  readonly physicalKey: string
  /** `sum`: what the counter holds when it is flushed. */
  readonly change: 'value' | 'deleted' | 'sum'
  readonly version: number
  readonly value: Buffer
}

export interface TakeBacklog {
  readonly backlog: string
  readonly lease: string
  readonly token: Buffer
  /** 0 = the lease is given back, and nothing is read. */
  readonly leaseTtlMs: number
  /** Only records after this one; `''` = from the first on. */
  readonly after: string
  readonly most: number
  /** Of values: where they have so many, no further record is added. */
  readonly mostBytes: number
}

export interface TakenBacklog {
  /** `busy`: another has the lease. */
  readonly outcome: 'taken' | 'busy'
  /** Records in the whole backlog. */
  readonly size: number
  /** For how long the oldest has waited. */
  readonly oldestMs: number
  readonly records: readonly BacklogRecord[]
}

export interface SettleBacklog {
  readonly key: string
  readonly backlog: string
  readonly subject: BacklogSubject
  /** Of the records that are done with. */
  readonly ids: readonly string[]
  /** Whether the origin has the version, or will never take it. */
  readonly how: 'stored' | 'refused'
  readonly version: number
  readonly floor: number
  /** The epochs whose entries count; the present one first. */
  readonly epochs: readonly Epoch[]
  /** How long the entry lives from now on, if it is still of that version. */
  readonly ttlMs: number
  readonly softTtlMs: number | undefined
  readonly staleKeepMs: number
  /** The value of that version made smaller: it takes the place of the one that waited. */
  readonly smaller?: PackedValue | undefined
}

/** A record that its origin refuses, set aside. */
export interface BuryRecord {
  /** The name of the place on the shard. */
  readonly key: string
  readonly most: number
  readonly record: BacklogRecord
  readonly reason: string
}
