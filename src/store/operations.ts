import type { BacklogPlace, BuryRecord, PutBehind, SettleBacklog, TakeBacklog, TakenBacklog } from './backlog.ts'
import type { BudgetAsk, BudgetGrant } from './budget.ts'
import type { CopyFill } from './copy-lease.ts'
import type { Epoch } from './epoch.ts'
import type { LockOperations } from './fenced-lock.ts'
import type { FlushOperations } from './flushing.ts'
import type { HeatNews, HeatReport, HotKey } from './heat.ts'
import type { EntryRecord } from './record.ts'
import type { StoredContent } from './stored-content.ts'
import type { ChangeNow } from './told.ts'
import type { IntendArguments, SettleArguments, Settled } from './write-intent.ts'

/**
 * What can be asked of one server, each carried out atomically. `redis/` says it in commands and scripts, `memory/` does
 * it in process; everything above them is the same for both.
 */
export interface Operations extends LockOperations, FlushOperations {
  get: { readonly args: { readonly key: string }; readonly result: EntryRecord | 'malformed' | undefined }
  /** A replica's answer: how far it has come, and what it has under the key then, in one atomic step. */
  stamped: {
    readonly args: { readonly controls: string; readonly key: string | undefined }
    readonly result: {
      readonly life: { readonly epoch: Epoch; readonly stamp: number } | undefined
      readonly record: EntryRecord | 'malformed' | undefined
    }
  }
  acquire: {
    readonly args: {
      readonly key: string
      readonly token: Buffer
      readonly leaseTtlMs: number
      /** Entries of these epochs are good enough for the reader; the current one first. */
      readonly epochs: readonly Epoch[]
      /** So are entries of this version or a later one. */
      readonly leastVersion: number
    }
    readonly result: {
      readonly outcome: 'value' | 'busy' | 'granted'
      readonly record: EntryRecord | 'malformed' | undefined
      readonly leaseLeftMs: number
      /** For so long nothing that is loaded may be stored. */
      readonly holdLeftMs: number
    }
  }
  fill: {
    readonly args: {
      readonly key: string
      readonly token: Buffer
      readonly floor: number
      readonly epoch: Epoch
      readonly content: StoredContent
    }
    readonly result: { readonly outcome: 'filled' | 'held'; readonly version: number } | { readonly outcome: 'lost' }
  }
  put: {
    readonly args: {
      readonly key: string
      readonly ifVersion: number | undefined
      /** On the server's clock: from this moment on it is not carried out. */
      readonly tooLateMs: number
      readonly floor: number
      readonly epochs: readonly Epoch[]
      readonly content: StoredContent
    }
    readonly result:
      | { readonly outcome: 'stored' | 'version-mismatch' | 'held'; readonly version: number }
      | { readonly outcome: 'late' }
  }
  invalidate: {
    readonly args: {
      readonly key: string
      readonly floor: number
      readonly epoch: Epoch
      readonly staleKeepMs: number
      readonly holdMs: number
    } & TagArguments
    readonly result: { readonly version: number }
  }
  keepTag: { readonly args: TagKeeping; readonly result: TagKept }
  /** Says that the origin is about to be changed under a key. */
  intend: { readonly args: IntendArguments; readonly result: undefined }
  /** Ends that, and stores what was written, if it stood alone throughout and there is something to store. */
  settle: { readonly args: SettleArguments; readonly result: Settled }
  release: {
    readonly args: { readonly key: string; readonly token: Buffer; readonly epoch: Epoch }
    readonly result: undefined
  }
  increment: {
    readonly args: Increment
    readonly result: /** `repeated`: what was answered to the same request id before. */
      | { readonly outcome: 'added' | 'repeated'; readonly version: number; readonly value: bigint }
      /** Nothing was changed. `unsettled`: the entry is of a memory of which it is not known yet whether it counts. */
      | { readonly outcome: 'overflow' | 'absent' | 'unsettled' | 'no-counter' | 'full' | 'late'; readonly version: 0 }
  }
  /** `full`: the backlog has as many records as it may; nothing was changed. */
  putBehind: {
    readonly args: PutBehind
    readonly result:
      | { readonly outcome: 'stored'; readonly version: number }
      | { readonly outcome: 'full' | 'late'; readonly version: 0 }
  }
  takeBacklog: { readonly args: TakeBacklog; readonly result: TakenBacklog }
  /** False where a later version of the key waits. */
  settleBacklog: { readonly args: SettleBacklog; readonly result: boolean }
  bury: { readonly args: BuryRecord; readonly result: undefined }
  lock: { readonly args: { readonly key: string; readonly ttlMs: number }; readonly result: boolean }
  /** False when the lease does not stand any more. Times are on the server's clock. */
  fillCopy: { readonly args: CopyFill; readonly result: boolean }
  drop: { readonly args: { readonly key: string }; readonly result: undefined }
  /** A number that was never handed out under this name, larger than `taken`; as far as the server remembers. */
  nextVersion: { readonly args: { readonly key: string; readonly taken: number }; readonly result: number }
  beat: { readonly args: Beat; readonly result: Pulse }
  budget: { readonly args: BudgetAsk; readonly result: BudgetGrant }
  /** `key`: the control key of the table, `env:~heat`. */
  heat: { readonly args: { readonly key: string; readonly report: HeatReport }; readonly result: HeatNews }
  hottest: { readonly args: { readonly key: string; readonly limit: number }; readonly result: readonly HotKey[] }
}

/** An addition to a counter. */
export interface Increment extends ChangeNow {
  readonly key: string
  readonly delta: bigint
  /** What it begins from where there is none. */
  readonly initial: bigint
  /** Counts where it begins. */
  readonly ttlMs: number
  /** How long it can be read as a stale entry after that. */
  readonly staleKeepMs: number
  /** The same of a repeated addition, which then counts once; `REQUEST_ID_BYTES` of them. */
  readonly requestId: Buffer | undefined
  /** Whether it begins where it is absent; else only where the origin is known to have none. */
  readonly mayCreate: boolean
  /** Where the origin is to hear of the sum. */
  readonly place?: BacklogPlace | undefined
}

export const REQUEST_ID_BYTES = 8
/** How long a counter knows them, as in `redis/scripts/increment.lua`. */
export const IDS_REMEMBERED_MS = 60_000

export type OperationName = keyof Operations
export type ArgumentsOf<Name extends OperationName> = Operations[Name]['args']
export type ResultOf<Name extends OperationName> = Operations[Name]['result']
/** Operations that change an entry and are to be acknowledged; a `version` of 0 says that they changed nothing. */
export type ChangeName = 'increment' | 'putBehind'

/** What an operation on the record of a tag has to know beside that. */
interface TagArguments {
  /** The control key of the shard's life; where it is not given it is the one that its environment has on a ring. */
  readonly life?: string
}

/** Has the record of a tag stand, for at least half of `ttlMs` more, without changing its stamp. */
export interface TagKeeping extends TagArguments {
  readonly key: string
  /** In which it is asked for. */
  readonly epoch: Epoch
  /** A stamp below this one does not count. */
  readonly least: number
  readonly ttlMs: number
}

export interface TagKept {
  /**
   * `kept`: the record stands, and no invalidation of the tag has been later than the stamp. `held`: whatever is loaded before the stamp,
   * which lies ahead, may not be stored. `unknown`: the shard's life is another, or cannot be seen: the stamp is now.
   */
  readonly outcome: 'kept' | 'held' | 'unknown'
  /** On the server's clock, in µs. */
  readonly stampUs: number
}

/** A heartbeat, as sent. */
export interface Beat {
  /** Before the names of this shard's control keys: `env:~`. */
  readonly controls: string
  /** The sidecar's name among the living; `''` keeps it out of that list. */
  readonly member: string
  /** The epoch that begins if the server finds that one has to. */
  readonly candidate: Epoch
  /** The epoch that ends, with all that it knows, if it is the present one: what is in it cannot be told from what was lost. */
  readonly ends?: Epoch | undefined
  /** The member list that the sidecar has, if any. */
  readonly known: { readonly epoch: Epoch; readonly list: number } | undefined
  readonly report: ReplayReport | undefined
  readonly leaves: boolean
  /** The largest version that the sidecar has seen. */
  readonly floor: number
  /** A key that this heartbeat changes, for the loop proof; `''` = none. */
  readonly probe: string
  /** What the member has to say to all others for as long as it lives; `''` = nothing. */
  readonly notice: string
  /**
   * The ring by which the member reads, to be remembered: of two rings the one of the larger number is in use, of equal
   * numbers that of the larger text. 0 = only if there is none yet.
   */
  readonly ring: { readonly number: number; readonly text: string } | undefined
  /** The versions of keyspaces that the member knows, to be kept where they are larger; see `version-table.ts`. */
  readonly versions: string
}

/** A ring that came into use on a shard. */
export interface RingInUse {
  /** The larger the later. */
  readonly number: number
  /** What was stored under another ring before has a smaller version; 0 = there was none before. */
  readonly firstVersion: number
  readonly text: string
}

/** What a sidecar says after it has replayed its own changes into a new epoch. */
export interface ReplayReport {
  readonly epoch: Epoch
  /** It has changed more than it remembers: what is quarantined cannot be saved. */
  readonly forgot: boolean
  /** Sidecars it knew to be alive that this memory does not know. */
  readonly missing: readonly string[]
}

/** A heartbeat's answer. */
export interface Pulse {
  /** Counts the heartbeats within an epoch. */
  readonly stamp: number
  readonly epoch: Epoch
  /** How long ago the current epoch began, in ms; `undefined` where this memory knows of none before it. */
  readonly epochAgeMs: number | undefined
  /** Older epochs whose entries are as good as those of the current one. */
  readonly accepted: readonly Epoch[]
  /** The memory before the current epoch, while it is in quarantine. */
  readonly past: { readonly epochs: readonly Epoch[]; readonly last: Epoch; readonly stamp: number } | undefined
  /** The longest silent of the other members: the stamp of its last heartbeat; `undefined` when there is no other. */
  readonly oldestStamp: number | undefined
  /** The sender was not a member before. */
  readonly joined: boolean
  /** The largest version that any sidecar has told of. */
  readonly floor: number
  readonly list: number
  /** All members, if the list differs from the one that the sender knew. */
  readonly members: readonly string[] | undefined
  /** Notices of other members that have changed since the list that the sender knew. */
  readonly notices: readonly (readonly [member: string, notice: string])[]
  /** The rings that were in use of late, the present one last, if the list differs from the one that the sender knew. */
  readonly rings: readonly RingInUse[] | undefined
  /** The versions of keyspaces, if the list differs from the one that the sender knew. */
  readonly versions: string | undefined
}
