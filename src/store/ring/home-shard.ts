import { RingsideError } from '../../base/errors.ts'
import type { BudgetAsk, BudgetGrant } from '../budget.ts'
import type { ArgumentsOf, ChangeName, OperationName, ResultOf } from '../operations.ts'
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
} from '../shard.ts'
import { ShardView } from '../shard-view.ts'
import type { AskOptions, ChangeNow, ShardNow, Told } from '../told.ts'
import type { IntendOptions, Settled, SettleOptions } from '../write-intent.ts'

/** Where a key lives now. */
export interface Homes {
  /** Where it is read; `undefined` while that cannot be. */
  readonly reads: Shard | undefined
  /** Everywhere that has to hear of its changes, the home where it is read included. */
  readonly all: readonly Shard[]
  /** A home that has to hear of them and cannot be reached, since nothing tells where it is. */
  readonly missing: string | undefined
}

export interface HomeShardParts {
  readonly homes: (key: string) => Homes
  /** Whether the shard of that name is where the key is to be read now. */
  readonly mayRead: (shard: string, key: string) => boolean
  /** Below this version what is found under a key at the shard of that name does not count. */
  readonly leastVersion: (shard: string, key: string) => number
}

/**
 * A shard as the home of keys that may move. It is read as it is, but for what an earlier ring may have left there. A
 * change is acknowledged when all homes have acknowledged it that the key has by then: a value goes to the home where it
 * is read, and to the others as an invalidation.
 */
export class HomeShard extends ShardView implements Shard {
  readonly #parts: HomeShardParts

  constructor(inner: Shard, parts: HomeShardParts) {
    super(inner)
    this.#parts = parts
  }

  read(key: string, options?: ReadOptions): Promise<ShardRead> {
    if (!this.#parts.mayRead(this.name, key)) return Promise.reject(unavailable(this.name, ON_THE_MOVE))
    const least = this.#least(key)
    const read = this.inner.read(key, options)
    return least === 0 ? read : read.then((one) => withoutOlder(one, least))
  }

  async readReplica(key: string, options: ReplicaReadOptions): Promise<Found | undefined> {
    if (!this.#parts.mayRead(this.name, key)) return undefined
    const least = this.#least(key)
    const found = await this.inner.readReplica(key, options)
    return found !== undefined && found.entry.version < least ? undefined : found
  }

  async acquire(key: string, options: AcquireOptions): Promise<Acquired> {
    this.#check(key)
    const least = this.#least(key)
    if (least === 0) return this.inner.acquire(key, options)
    const leastVersion = Math.max(least, options.leastVersion ?? 0)
    const acquired = await this.inner.acquire(key, { ...options, leastVersion })
    if (acquired.outcome === 'value' || (acquired.stale?.version ?? least) >= least) return acquired
    return { ...acquired, stale: undefined }
  }

  async fill(key: string, token: Buffer, content: Content, options: FillOptions = {}): Promise<Filled> {
    this.#check(key)
    const { write } = options
    if (write === undefined) return this.inner.fill(key, token, content, options)
    await this.#precede(key, this.inner)
    const filled = await this.inner.fill(key, token, content, options)
    if (filled.outcome === 'filled') await this.#settle(key, [this.inner], filled.version, write.holdMs)
    return filled
  }

  async put(key: string, content: Content, options: PutOptions = {}): Promise<PutResult> {
    const { reads } = this.#parts.homes(key)
    if (reads === undefined) throw unavailable(this.name, ON_THE_MOVE)
    await this.#precede(key, reads)
    const put = await reads.put(key, content, options)
    if (put.outcome === 'stored') await this.#settle(key, [reads], put.version, options.write?.holdMs ?? 0)
    return put
  }

  async change<Name extends ChangeName>(
    key: string,
    name: Name,
    args: (now: ChangeNow) => ArgumentsOf<Name>,
  ): Promise<ResultOf<Name>> {
    const { reads } = this.#parts.homes(key)
    if (reads === undefined) throw unavailable(this.name, ON_THE_MOVE)
    await this.#precede(key, reads)
    const changed = await reads.change(key, name, args)
    if (changed.version > 0) await this.#settle(key, [reads], changed.version, 0)
    return changed
  }

  async invalidate(key: string, options: InvalidateOptions): Promise<number> {
    const { reads, all } = this.#homesOf(key)
    // Elsewhere there may lie what an earlier ring has left, and was not current when it was invalidated.
    const ask = (home: Shard) => home.invalidate(key, home === reads ? options : { ...options, staleKeepMs: 0 })
    const versions = await Promise.all(all.map(ask))
    const largest = Math.max(...versions)
    // What was written meanwhile where versions are smaller would pass for older than this, and stay.
    const again = all.filter((_home, place) => (versions[place] as number) < largest)
    for (const home of again) home.atLeast(largest)
    await Promise.all(again.map(ask))
    return this.#settle(key, all, largest, options.holdMs ?? 0)
  }

  async defer(key: string, holdMs: number): Promise<boolean> {
    const { all, missing } = this.#parts.homes(key)
    const deferred = await Promise.all(all.map((home) => home.defer(key, holdMs)))
    return missing === undefined && !deferred.includes(false)
  }

  /** At every home: which of them is read by the time that it is settled is not known yet. */
  async intend(key: string, options: IntendOptions): Promise<void> {
    const heard = new Set<Shard>()
    for (;;) {
      const homes = this.#homesOf(key).all.filter((home) => !heard.has(home))
      if (homes.length === 0) return
      await Promise.all(homes.map((home) => home.intend(key, options)))
      for (const home of homes) heard.add(home)
    }
  }

  async settle(key: string, options: SettleOptions): Promise<Settled> {
    const { reads, all } = this.#homesOf(key)
    const elsewhere = { ...options, content: undefined, staleKeepMs: 0 }
    const others = all.filter((home) => home !== reads)
    const dropped = await Promise.all(others.map((home) => home.settle(key, elsewhere)))
    const largest = Math.max(0, ...dropped.map(({ version }) => version))
    reads?.atLeast(largest)
    const settled: Settled = await (reads?.settle(key, options) ?? { outcome: 'dropped', version: largest })
    const version = await this.#settle(
      key,
      reads === undefined ? others : [reads],
      settled.version,
      options.holdMs ?? 0,
    )
    return settled.outcome === 'stored' ? settled : { outcome: 'dropped', version }
  }

  release(key: string, token: Buffer): Promise<void> {
    return this.inner.release(key, token)
  }

  lock(key: string, ttlMs: number): Promise<boolean> {
    return this.inner.lock(key, ttlMs)
  }

  async budget(ask: BudgetAsk): Promise<{ readonly grant: BudgetGrant; readonly sentAt: number }> {
    this.#check(ask.key)
    return this.inner.budget(ask)
  }

  async ask<Name extends OperationName>(
    key: string,
    name: Name,
    args: (now: ShardNow) => ArgumentsOf<Name>,
    options?: AskOptions,
  ): Promise<Told<ResultOf<Name>>> {
    this.#check(key)
    return this.inner.ask(key, name, (now) => args({ ...now, least: this.#least(key) }), options)
  }

  #check(key: string): void {
    if (!this.#parts.mayRead(this.name, key)) throw unavailable(this.name, ON_THE_MOVE)
  }

  #least(key: string): number {
    return this.#parts.leastVersion(this.name, key)
  }

  #homesOf(key: string): Homes {
    const homes = this.#parts.homes(key)
    if (homes.missing !== undefined) throw unavailable(homes.missing, 'its address is not known here')
    return homes
  }

  /** Has a value's version above whatever stands at homes other than this one, and nothing of that stay meanwhile. */
  async #precede(key: string, home: Shard): Promise<void> {
    const others = this.#homesOf(key).all.filter((one) => one !== home)
    if (others.length === 0) return
    const versions = await Promise.all(others.map((one) => invalidated(one, key, 0)))
    home.atLeast(Math.max(...versions))
  }

  /** Sees to it that no home is left out, also of those that the key has got meanwhile. Returns the largest version. */
  async #settle(key: string, done: readonly Shard[], version: number, holdMs: number): Promise<number> {
    const heard = new Set(done)
    let largest = version
    for (;;) {
      const homes = this.#homesOf(key).all.filter((home) => !heard.has(home))
      if (homes.length === 0) return largest
      for (const home of homes) home.atLeast(largest)
      const versions = await Promise.all(homes.map((home) => invalidated(home, key, holdMs)))
      largest = Math.max(largest, ...versions)
      for (const home of homes) heard.add(home)
      for (const home of heard) home.atLeast(largest)
    }
  }
}

/** What has been written elsewhere already must not stand here: if this cannot be said now, the journal owes it. */
async function invalidated(home: Shard, key: string, holdMs: number): Promise<number> {
  try {
    return await home.invalidate(key, { staleKeepMs: 0, holdMs })
  } catch (error) {
    await home.defer(key, holdMs)
    throw error
  }
}

function withoutOlder(read: ShardRead, least: number): ShardRead {
  if (!read.found || read.entry.version >= least) return read
  return { found: false, sentAt: read.sentAt, version: 0 }
}

const ON_THE_MOVE = 'the key is not to be read there now'

function unavailable(shard: string, why: string): RingsideError {
  return new RingsideError('SHARD_UNAVAILABLE', `shard ${shard} cannot be asked: ${why}`, {
    metadata: { shard, kind: 'ring' },
  })
}
