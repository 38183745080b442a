import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import type { BudgetAsk, BudgetGrant } from './budget.ts'
import { Changes } from './changes.ts'
import { Copies } from './copies.ts'
import type { CopyContent, CopyLease } from './copy-lease.ts'
import type { Epoch } from './epoch.ts'
import { Evidence } from './evidence.ts'
import type { VersionsPart } from './fleet-versions.ts'
import type { HeatNews, HeatReport, HotKey } from './heat.ts'
import type { Elsewhere } from './invalidate-again.ts'
import type { Debts } from './journal/debts.ts'
import type { JournalPart } from './journal/journal.ts'
import { Leases } from './leases.ts'
import type { Server } from './line.ts'
import type { NoticeBoard } from './notice-board.ts'
import type { ArgumentsOf, ChangeName, OperationName } from './operations.ts'
import { type PackerPart, packerIn } from './packing/packer-part.ts'
import { Reads } from './reads.ts'
import { Requests } from './requests.ts'
import type { NamedServer, Roster } from './roster.ts'
import type {
  Acquired,
  AcquireOptions,
  Content,
  Filled,
  FillOptions,
  Found,
  InvalidateOptions,
  PutOptions,
  PutResult,
  ReadOptions,
  ReplicaReadOptions,
  Shard,
  ShardRead,
} from './shard.ts'
import { ShardLife } from './shard-life.ts'
import type { ShardState, ShardStats } from './shard-stats.ts'
import type { AskOptions, ChangeNow, ShardNow } from './told.ts'
import type { Wakes } from './wakes.ts'
import type { IntendOptions, Settled, SettleOptions } from './write-intent.ts'

export interface TierShardOptions {
  readonly name: string
  /** Before the names of control keys: `env:~`. */
  readonly controls: string
  /** This sidecar's name among all that use the shard. */
  readonly member: string
  /** Deadline of one request, in ms: a change that has not arrived by then is not carried out. */
  readonly timeoutMs: number
  readonly heartbeatMs: number
  readonly rules: Rules
}

export interface TierShardParts extends VersionsPart, PackerPart {
  readonly server: Server
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** Replicas that may be read. */
  readonly replicas?: readonly NamedServer[]
  /** Tells who is what, where that changes by itself. */
  readonly roster?: Roster
  /** A key that was read with tracking has changed; `undefined` = any may have. */
  readonly onChanged: (key: string | undefined) => void
  /** What becomes of changes that are made again of keys which have another home by now. */
  readonly elsewhere?: Elsewhere
  /** Who waits for changes of keys, where those who wait are to stay when a key moves to another shard. */
  readonly wakes?: Wakes
  /** Called as each heartbeat leaves: what is asked of the shard in it goes in the same round trip. */
  readonly onBeat?: (shard: string) => void
  /** Keeps the invalidations that do not reach the server; without one they are not kept. */
  readonly journal?: JournalPart | undefined
  /** What this sidecar and the others owe to all shards; without it nothing is told of that, and nothing heard. */
  readonly debts?: Debts | undefined
}

/** A shard as the fleet uses it: the protocol of leases, epochs and freshness over one server, whatever that is. */
export class TierShard implements Shard {
  readonly name: string
  readonly #options: TierShardOptions
  readonly #parts: TierShardParts
  readonly #life: ShardLife
  readonly #requests: Requests
  readonly #changes: Changes
  readonly #evidence: Evidence
  readonly #leases: Leases
  readonly #copies: Copies
  readonly #reads: Reads

  /** `importing`: for keys that the server of this life is about to take over from another. */
  constructor(options: TierShardOptions, parts: TierShardParts, importing?: ShardLife) {
    this.name = options.name
    this.#options = options
    this.#parts = parts
    this.#life = importing ?? new ShardLife(options, parts)
    this.#requests = new Requests(options, parts, this.#life, importing !== undefined)
    this.#evidence = new Evidence(options.rules, parts.clock, this.#life)
    const known = { life: this.#life, requests: this.#requests, evidence: this.#evidence }
    const about = { clock: parts.clock, ...known, packer: packerIn(parts) }
    this.#changes = new Changes(options, parts, about)
    this.#reads = new Reads(about)
    this.#leases = new Leases(about)
    this.#copies = new Copies(options, parts, about)
  }

  get board(): NoticeBoard {
    return this.#life.board
  }

  /** The same shard, asked for keys that its server is about to take over from another. It lives as long as this one. */
  importing(): TierShard {
    return new TierShard(this.#options, this.#parts, this.#life)
  }

  start(): Promise<void> {
    return this.#life.start()
  }

  close(): Promise<void> {
    return this.#life.close()
  }

  state(): ShardState {
    return this.#life.state()
  }

  stats(): ShardStats {
    const { inspection, epochs, trackingUp, replicas } = this.#life
    return {
      reads: this.#reads.count,
      malformed: this.#evidence.malformed,
      server: inspection.facts,
      epochs,
      trackingUp,
      replicas: replicas.lags(this.#parts.clock.now()),
      errors: this.#requests.errors,
      journal: this.#life.deferral?.journal.stats,
    }
  }

  read(key: string, options?: ReadOptions): Promise<ShardRead> {
    return this.#reads.read(key, options)
  }

  readReplica(key: string, options: ReplicaReadOptions): Promise<Found | undefined> {
    return this.#reads.readReplica(key, options)
  }

  acquire(key: string, options: AcquireOptions): Promise<Acquired> {
    return this.#leases.acquire(key, options)
  }

  fill(key: string, token: Buffer, content: Content, options?: FillOptions): Promise<Filled> {
    return this.#changes.fill(key, token, content, options)
  }

  put(key: string, content: Content, options?: PutOptions): Promise<PutResult> {
    return this.#changes.put(key, content, options)
  }

  invalidate(key: string, options: InvalidateOptions): Promise<number> {
    return this.#changes.invalidate(key, options)
  }

  defer(key: string, holdMs: number): Promise<boolean> {
    return this.#changes.defer(key, holdMs)
  }

  intend(key: string, options: IntendOptions): Promise<void> {
    return this.#changes.intend(key, options)
  }

  settle(key: string, options: SettleOptions): Promise<Settled> {
    return this.#changes.settle(key, options)
  }

  release(key: string, token: Buffer): Promise<void> {
    return this.#leases.release(key, token)
  }

  lock(key: string, ttlMs: number): Promise<boolean> {
    return this.#leases.lock(key, ttlMs)
  }

  readCopy(name: string, { notBefore }: { readonly notBefore: number }): Promise<Found | undefined> {
    this.#reads.count += 1
    return this.#copies.read(name, notBefore)
  }

  leaseCopy(name: string, leaseTtlMs: number): Promise<CopyLease | undefined> {
    return this.#copies.lease(name, leaseTtlMs)
  }

  fillCopy(name: string, lease: CopyLease, copy: CopyContent): Promise<boolean> {
    return this.#copies.fill(name, lease, copy)
  }

  dropCopy(name: string): Promise<void> {
    return this.#copies.drop(name)
  }

  budget(ask: BudgetAsk): Promise<{ readonly grant: BudgetGrant; readonly sentAt: number }> {
    return this.#requests.ask('budget', ask).then(({ value: grant, sentAt }) => ({ grant, sentAt }))
  }

  async heat(report: HeatReport): Promise<HeatNews> {
    return (await this.#requests.ask('heat', { key: `${this.#options.controls}heat`, report })).value
  }

  async hottest(limit: number): Promise<readonly HotKey[]> {
    return (await this.#requests.ask('hottest', { key: `${this.#options.controls}heat`, limit })).value
  }

  ask<Name extends OperationName>(_: string, name: Name, args: (now: ShardNow) => ArgumentsOf<Name>, how?: AskOptions) {
    return this.#requests.tell(name, args, how)
  }

  change<Name extends ChangeName>(key: string, name: Name, args: (now: ChangeNow) => ArgumentsOf<Name>) {
    return this.#changes.change(key, name, args)
  }

  watch(key: string, wake: () => void): () => void {
    return this.#life.wakes.add(key, wake)
  }

  unprove(): void {
    this.#life.unprove()
  }

  atLeast(version: number): void {
    this.#life.see(version)
  }

  get floor(): number {
    return this.#life.floor
  }

  readonly serverUs = () => this.#life.line(false)?.serverUs(this.#parts.clock.now())

  momentOf(epoch: Epoch, us: number): number {
    return this.#life.line(false)?.momentOf(epoch, us) ?? Number.NEGATIVE_INFINITY
  }
}
