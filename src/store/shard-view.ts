import type { CopyContent, CopyLease } from './copy-lease.ts'
import type { Epoch } from './epoch.ts'
import type { HeatNews, HeatReport, HotKey } from './heat.ts'
import type { NoticeBoard } from './notice-board.ts'
import type { Found, Shard } from './shard.ts'
import type { ShardState, ShardStats } from './shard-stats.ts'

/** A shard seen as the home of keys, some of which may lie elsewhere: all that is about the shard itself is the shard's own. */
export abstract class ShardView {
  readonly name: string
  protected readonly inner: Shard

  constructor(inner: Shard) {
    this.name = inner.name
    this.inner = inner
  }

  get board(): NoticeBoard {
    return this.inner.board
  }

  start(): Promise<void> {
    return this.inner.start()
  }

  close(): Promise<void> {
    return this.inner.close()
  }

  state(): ShardState {
    return this.inner.state()
  }

  stats(): ShardStats {
    return this.inner.stats()
  }

  readCopy(name: string, options: { readonly notBefore: number }): Promise<Found | undefined> {
    return this.inner.readCopy(name, options)
  }

  leaseCopy(name: string, leaseTtlMs: number): Promise<CopyLease | undefined> {
    return this.inner.leaseCopy(name, leaseTtlMs)
  }

  fillCopy(name: string, lease: CopyLease, copy: CopyContent): Promise<boolean> {
    return this.inner.fillCopy(name, lease, copy)
  }

  dropCopy(name: string): Promise<void> {
    return this.inner.dropCopy(name)
  }

  heat(report: HeatReport): Promise<HeatNews> {
    return this.inner.heat(report)
  }

  hottest(limit: number): Promise<readonly HotKey[]> {
    return this.inner.hottest(limit)
  }

  watch(key: string, wake: () => void): () => void {
    return this.inner.watch(key, wake)
  }

  unprove(): void {
    this.inner.unprove()
  }

  atLeast(version: number): void {
    this.inner.atLeast(version)
  }

  serverUs(): number | undefined {
    return this.inner.serverUs()
  }

  momentOf(epoch: Epoch, us: number): number {
    return this.inner.momentOf(epoch, us)
  }
}
