import { ALL_RULES, type Rules } from '../../base/rules.ts'
import type { Epoch } from '../epoch.ts'
import type { ArgumentsOf, CopyFill, OperationName, Operations, ResultOf } from '../operations.ts'
import { asEntry, type EntryRecord } from '../record.ts'
import type { Content } from '../shard.ts'
import { BudgetTable } from './budget-table.ts'
import { HeatTable } from './heat-table.ts'
import { type EntriesCopy, MemoryEntries } from './memory-entries.ts'
import { type LifeCopy, MemoryLife } from './memory-life.ts'
import { MemoryLocks } from './memory-locks.ts'
import { copyOf, isUsable, marker, nextVersion, stored, TOMBSTONE_TTL_MS } from './memory-record.ts'
import { type MemoryClient, MemoryTracking } from './memory-tracking.ts'
import { copiesOf, tableIn } from './named-tables.ts'

export interface MemoryServerOptions {
  /** Bound on keys and payloads. */
  readonly maxBytes: number
  /** This server's own TIME, in µs. */
  readonly timeUs: () => number
  /** Another one after each restart. */
  readonly runId: string
  readonly rules?: Rules
}

export interface MemorySnapshot {
  readonly entries: EntriesCopy
  readonly life: LifeCopy
  readonly locks: MemoryLocks
  readonly budgets: ReadonlyMap<string, BudgetTable>
  readonly heats: ReadonlyMap<string, HeatTable>
}

type Executors = { readonly [Name in OperationName]: (args: ArgumentsOf<Name>, client: MemoryClient) => ResultOf<Name> }

/** A server in process that does what the scripts do: for the embedded default, and the ground for the simulation. */
export class MemoryServer {
  readonly #options: MemoryServerOptions
  readonly #rules: Rules
  readonly #entries: MemoryEntries
  readonly #life: MemoryLife
  #locks = new MemoryLocks()
  #budgets = new Map<string, BudgetTable>()
  #heats = new Map<string, HeatTable>()
  readonly #tracking = new MemoryTracking()

  constructor(options: MemoryServerOptions) {
    this.#options = options
    this.#rules = options.rules ?? ALL_RULES
    this.#entries = new MemoryEntries(options.maxBytes, (key) => this.#tracking.tell(key))
    this.#life = new MemoryLife(this.#rules)
  }

  get bytes(): number {
    return this.#entries.bytes
  }

  get evicted(): number {
    return this.#entries.evicted
  }

  get trackedKeys(): number {
    return this.#tracking.size
  }

  timeUs(): number {
    return Math.floor(this.#options.timeUs())
  }

  execute<Name extends OperationName>(name: Name, args: ArgumentsOf<Name>, client: MemoryClient): ResultOf<Name> {
    return this.#executors[name](args, client)
  }

  /** The connection is gone, and with it what it wanted to hear of. */
  forget(client: MemoryClient): void {
    this.#tracking.forget(client)
  }

  /** Forgets everything, as FLUSHALL does. */
  flush(): void {
    this.restore(new MemoryServer(this.#options).snapshot())
    this.#tracking.tellAll()
  }

  snapshot(): MemorySnapshot {
    const [budgets, heats] = [copiesOf(this.#budgets), copiesOf(this.#heats)]
    return { entries: this.#entries.copy(), life: this.#life.copy(), locks: this.#locks.copy(), budgets, heats }
  }

  restore({ entries, life, locks, budgets, heats }: MemorySnapshot): void {
    this.#entries.restore(entries)
    this.#life.restore(life)
    this.#locks = locks.copy()
    this.#budgets = copiesOf(budgets)
    this.#heats = copiesOf(heats)
  }

  readonly #executors: Executors = {
    get: ({ key }, client) => this.#read(key, client),
    stamped: ({ key }) => ({
      life: this.#life.stamp,
      record: key === undefined ? undefined : this.#get(key),
    }),
    acquire: (args, client) => this.#acquire(args, client),
    fill: (args) => this.#fill(args),
    put: (args) => this.#put(args),
    invalidate: (args) => this.#invalidate(args),
    release: ({ key, token, epoch }) => this.#release(key, token, epoch),
    lock: ({ key, ttlMs }) => this.#locks.take(key, ttlMs, this.#nowMs()),
    fillCopy: (args) => this.#fillCopy(args),
    drop: ({ key }) => this.#drop(key),
    beat: (beat) => {
      const pulse = this.#life.beat(beat, this.#options.runId, this.#nowMs())
      if (beat.probe !== '') this.#tracking.tell(beat.probe)
      return pulse
    },
    heat: ({ key, report }) => this.#heatOf(key).tell(report, this.timeUs()),
    hottest: ({ key, limit }) => this.#heatOf(key).hottest(limit, this.#nowMs()),
    budget: (ask) => this.#budgetOf(ask.key).ask(ask, this.#options.runId, this.#nowMs()),
  }

  #nowMs(): number {
    return Math.floor(this.#options.timeUs() / 1_000)
  }

  #get(key: string): EntryRecord | undefined {
    return this.#entries.get(key, this.#nowMs())
  }

  #read(key: string, client: MemoryClient): EntryRecord | undefined {
    const record = this.#get(key)
    this.#tracking.add(key, client)
    return record
  }

  #acquire(
    { key, token, leaseTtlMs, epochs, leastVersion }: ArgumentsOf<'acquire'>,
    client: MemoryClient,
  ): Operations['acquire']['result'] {
    const now = this.#nowMs()
    const old = this.#read(key, client)
    const value = old && isUsable(old, epochs) && old.version >= leastVersion ? asEntry(old, now) : undefined
    if (value !== undefined) return { outcome: 'value', record: old, leaseLeftMs: 0, holdLeftMs: 0 }
    const holdUntilMs = old?.holdUntilMs ?? 0
    const holdLeftMs = Math.max(0, holdUntilMs - now)
    const epoch = epochs[0] as Epoch
    if (old?.kind === 'lease' && old.epoch === epoch && old.hardAtMs > now && !old.token?.equals(token)) {
      return { outcome: 'busy', record: old, leaseLeftMs: old.hardAtMs - now, holdLeftMs }
    }
    const ttlMs = Math.ceil(leaseTtlMs)
    const lease = marker('lease', old, {
      nowMs: now,
      epoch,
      version: old?.version ?? 0,
      hardAtMs: now + ttlMs,
      token,
      holdUntilMs,
    })
    const keptMs = lease.stale === undefined ? 0 : this.#entries.leftMs(key, now)
    this.#write(key, lease, Math.max(ttlMs * 2, holdLeftMs, keptMs))
    return { outcome: 'granted', record: lease.stale === undefined ? undefined : old, leaseLeftMs: ttlMs, holdLeftMs }
  }

  #fill({ key, token, floor, epoch, content }: ArgumentsOf<'fill'>): Operations['fill']['result'] {
    const old = this.#get(key)
    const isOurs = old?.kind === 'lease' && old.token?.equals(token) === true && old.epoch === epoch
    if (this.#rules.leaseCheck && !isOurs) return { outcome: 'lost' }
    if (this.#isHeld(old)) return { outcome: 'held', version: old?.version ?? 0 }
    return { outcome: 'filled', version: this.#store(key, old, epoch, floor, content) }
  }

  #put({ key, ifVersion, tooLateMs, floor, epochs, content }: ArgumentsOf<'put'>): Operations['put']['result'] {
    if (this.#nowMs() >= tooLateMs) return { outcome: 'late' }
    const old = this.#get(key)
    if (ifVersion !== undefined) {
      const live = old && isUsable(old, epochs) ? asEntry(old, this.#nowMs()) : undefined
      const version = live?.version ?? 0
      if (version !== ifVersion) return { outcome: 'version-mismatch', version }
    }
    if (this.#isHeld(old)) return { outcome: 'held', version: old?.version ?? 0 }
    return { outcome: 'stored', version: this.#store(key, old, epochs[0] as Epoch, floor, content) }
  }

  #invalidate({ key, floor, epoch, staleKeepMs, holdMs }: ArgumentsOf<'invalidate'>): { version: number } {
    const now = this.#nowMs()
    const old = this.#get(key)
    const version = nextVersion(this.timeUs(), old, floor)
    const holdUntilMs = Math.max(holdMs > 0 ? now + Math.ceil(holdMs) : 0, old?.holdUntilMs ?? 0)
    const standsMs = Math.max(TOMBSTONE_TTL_MS, holdUntilMs - now)
    const tombstone = { nowMs: now, epoch, version, hardAtMs: now + standsMs, token: undefined, holdUntilMs }
    const full = marker('tombstone', old, tombstone)
    const leftMs = full.stale === undefined ? 0 : Math.ceil(staleKeepMs) - (now - full.stale.sinceMs)
    const record = leftMs > 0 ? full : marker('tombstone', undefined, tombstone)
    this.#write(key, record, Math.max(standsMs, leftMs))
    return { version }
  }

  #release(key: string, token: Buffer, epoch: Epoch): undefined {
    const now = this.#nowMs()
    const old = this.#get(key)
    if (old?.kind !== 'lease' || !old.token?.equals(token)) return
    const { version, holdUntilMs } = old
    const hardAtMs = now + TOMBSTONE_TTL_MS
    const record = marker('tombstone', old, { nowMs: now, epoch, version, hardAtMs, token: undefined, holdUntilMs })
    this.#write(key, record, Math.max(TOMBSTONE_TTL_MS, holdUntilMs - now, this.#entries.leftMs(key, now)))
  }

  #fillCopy(copy: CopyFill): boolean {
    const { key, token, epoch } = copy
    const raisedMs = this.#rules.copyAsOfAtLease ? 0 : this.#nowMs() - copy.asOfMs
    const hardAtMs = copy.hardAtMs + raisedMs
    const old = this.#get(key)
    if (old?.kind !== 'lease' || !old.token?.equals(token) || old.epoch !== epoch) return false
    const isOver = hardAtMs <= this.#nowMs()
    if (isOver) this.#drop(key)
    else this.#write(key, copyOf({ ...copy, hardAtMs, asOfMs: copy.asOfMs + raisedMs }), hardAtMs - this.#nowMs())
    return !isOver
  }

  #drop(key: string): undefined {
    this.#entries.delete(key)
    this.#tracking.tell(key)
  }

  #budgetOf(key: string): BudgetTable {
    return tableIn(this.#budgets, key, () => new BudgetTable(this.#rules))
  }

  #heatOf(key: string): HeatTable {
    return tableIn(this.#heats, key, () => new HeatTable())
  }

  #isHeld(record: EntryRecord | undefined): boolean {
    return this.#rules.hold && record !== undefined && record.holdUntilMs > this.#nowMs()
  }

  #store(key: string, old: EntryRecord | undefined, epoch: Epoch, floor: number, content: Content): number {
    const now = this.#nowMs()
    const version = nextVersion(this.timeUs(), old, floor)
    const record = stored(content, { nowMs: now, epoch, version })
    this.#write(key, record, record.hardAtMs - now + Math.ceil(content.staleKeepMs))
    return version
  }

  #write(key: string, record: EntryRecord, ttlMs: number): void {
    this.#entries.set(key, record, this.#nowMs() + ttlMs)
    this.#tracking.tell(key)
  }
}
