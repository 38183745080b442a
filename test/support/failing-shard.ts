import { RingsideError } from '../../src/base/errors.ts'
import type { BudgetAsk, BudgetGrant } from '../../src/store/budget.ts'
import type { CopyContent, CopyLease } from '../../src/store/copy-lease.ts'
import type { Epoch } from '../../src/store/epoch.ts'
import type { HeatNews, HeatReport, HotKey } from '../../src/store/heat.ts'
import type { NoticeBoard } from '../../src/store/notice-board.ts'
import type { ArgumentsOf, ChangeName, OperationName, ResultOf } from '../../src/store/operations.ts'
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
} from '../../src/store/shard.ts'
import type { ShardState, ShardStats } from '../../src/store/shard-stats.ts'
import type { AskOptions, ChangeNow, ShardNow, Told } from '../../src/store/told.ts'
import type { IntendOptions, Settled, SettleOptions } from '../../src/store/write-intent.ts'

/** A shard in front of another that can be made to give no answers. */
export class FailingShard implements Shard {
  readonly name: string
  down = false
  /** That it is down has not been noticed yet. */
  isUnnoticed = false
  /** What a read has found is handed over only when this has resolved. */
  readsWaitFor: Promise<void> | undefined
  /** The same of the answer to an attempt to acquire. */
  acquiresWaitFor: Promise<void> | undefined
  /** Attempts to acquire so far. */
  acquires = 0
  /** Who watches a key. */
  watchers = 0
  /** It is down for who settles, and for nobody else. */
  losesSettles = false
  /** Reads are not tracked, so that near entries keep the `asOf` of their read. */
  untracked = false
  /** What was deferred; `undefined` = the shard's own journal is asked, if it has one. */
  deferred: { readonly key: string; readonly holdMs: number }[] | undefined
  readonly #inner: Shard

  constructor(inner: Shard) {
    this.#inner = inner
    this.name = inner.name
  }

  get board(): NoticeBoard {
    return this.#inner.board
  }

  start(): Promise<void> {
    return this.#inner.start()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  state(): ShardState {
    return this.down && !this.isUnnoticed ? { up: false, why: 'the test says so' } : this.#inner.state()
  }

  stats(): ShardStats {
    return this.#inner.stats()
  }

  read(key: string, options?: ReadOptions): Promise<ShardRead> {
    return this.#unlessDown(async () => {
      const read = await this.#inner.read(key, this.untracked ? { ...options, tracked: false } : options)
      await this.readsWaitFor
      return read
    })
  }

  readReplica(key: string, options: ReplicaReadOptions): Promise<Found | undefined> {
    return this.#inner.readReplica(key, options)
  }

  acquire(key: string, options: AcquireOptions): Promise<Acquired> {
    this.acquires += 1
    return this.#unlessDown(async () => {
      const acquired = await this.#inner.acquire(key, this.untracked ? { ...options, tracked: false } : options)
      await this.acquiresWaitFor
      return acquired
    })
  }

  fill(key: string, token: Buffer, content: Content, options?: FillOptions): Promise<Filled> {
    return this.#unlessDown(() => this.#inner.fill(key, token, content, options))
  }

  put(key: string, content: Content, options?: PutOptions): Promise<PutResult> {
    return this.#unlessDown(() => this.#inner.put(key, content, options))
  }

  invalidate(key: string, options: InvalidateOptions): Promise<number> {
    return this.#unlessDown(() => this.#inner.invalidate(key, options))
  }

  intend(key: string, options: IntendOptions): Promise<void> {
    return this.#unlessDown(() => this.#inner.intend(key, options))
  }

  async settle(key: string, options: SettleOptions): Promise<Settled> {
    if (this.losesSettles) throw new RingsideError('SHARD_UNAVAILABLE', 'down', { retryAfterMs: 100 })
    return this.#unlessDown(() => this.#inner.settle(key, options))
  }

  async defer(key: string, holdMs: number): Promise<boolean> {
    if (this.deferred === undefined) return this.#inner.defer(key, holdMs)
    this.deferred.push({ key, holdMs })
    return true
  }

  release(key: string, token: Buffer): Promise<void> {
    return this.#unlessDown(() => this.#inner.release(key, token))
  }

  lock(key: string, ttlMs: number): Promise<boolean> {
    return this.#unlessDown(() => this.#inner.lock(key, ttlMs))
  }

  readCopy(name: string, options: { readonly notBefore: number }): Promise<Found | undefined> {
    return this.#unlessDown(() => this.#inner.readCopy(name, options))
  }

  leaseCopy(name: string, leaseTtlMs: number): Promise<CopyLease | undefined> {
    return this.#unlessDown(() => this.#inner.leaseCopy(name, leaseTtlMs))
  }

  fillCopy(name: string, lease: CopyLease, copy: CopyContent): Promise<boolean> {
    return this.#unlessDown(() => this.#inner.fillCopy(name, lease, copy))
  }

  dropCopy(name: string): Promise<void> {
    return this.#unlessDown(() => this.#inner.dropCopy(name))
  }

  budget(ask: BudgetAsk): Promise<{ readonly grant: BudgetGrant; readonly sentAt: number }> {
    return this.#unlessDown(() => this.#inner.budget(ask))
  }

  heat(report: HeatReport): Promise<HeatNews> {
    return this.#unlessDown(() => this.#inner.heat(report))
  }

  hottest(limit: number): Promise<readonly HotKey[]> {
    return this.#unlessDown(() => this.#inner.hottest(limit))
  }

  ask<Name extends OperationName>(
    key: string,
    name: Name,
    args: (now: ShardNow) => ArgumentsOf<Name>,
    options?: AskOptions,
  ): Promise<Told<ResultOf<Name>>> {
    return this.#unlessDown(() =>
      this.#inner.ask(key, name, args, this.untracked ? { ...options, tracked: false } : options),
    )
  }

  change<Name extends ChangeName>(
    key: string,
    name: Name,
    args: (now: ChangeNow) => ArgumentsOf<Name>,
  ): Promise<ResultOf<Name>> {
    return this.#unlessDown(() => this.#inner.change(key, name, args))
  }

  watch(key: string, wake: () => void): () => void {
    const end = this.#inner.watch(key, wake)
    this.watchers += 1
    return () => {
      this.watchers -= 1
      end()
    }
  }

  unprove(): void {
    this.#inner.unprove()
  }

  atLeast(version: number): void {
    this.#inner.atLeast(version)
  }

  serverUs(): number | undefined {
    return this.#inner.serverUs()
  }

  momentOf(epoch: Epoch, us: number): number {
    return this.#inner.momentOf(epoch, us)
  }

  async #unlessDown<T>(run: () => Promise<T>): Promise<T> {
    if (this.down) throw new RingsideError('SHARD_UNAVAILABLE', 'down', { retryAfterMs: 100 })
    return run()
  }
}
