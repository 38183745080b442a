import { RingsideError } from '../../base/errors.ts'
import type { BudgetAsk, BudgetGrant } from '../budget.ts'
import type { CopyContent, CopyLease } from '../copy-lease.ts'
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
import { type Redirect, redirectOf } from './redirect.ts'

export interface ClusterRoads {
  /** The shard that owns the slot of a key now. */
  owner(key: string): Shard
  /** The shard that a redirect of `from` leads to; `undefined` where it is not known, or not open. */
  follow(redirect: Redirect, from: Shard): Promise<Shard | undefined>
}

/** A slot that is passed on and on is left to the next rung. */
const MOST_REDIRECTS = 3

/** A shard of a cluster as the home of keys: what it does not own any more is asked of the one that does. */
export class ClusterHome extends ShardView implements Shard {
  readonly #roads: ClusterRoads

  constructor(shard: Shard, roads: ClusterRoads) {
    super(shard)
    this.#roads = roads
  }

  read(key: string, options?: ReadOptions): Promise<ShardRead> {
    return this.#ask((shard) => shard.read(key, options))
  }

  readReplica(key: string, options: ReplicaReadOptions): Promise<Found | undefined> {
    return this.inner.readReplica(key, options)
  }

  acquire(key: string, options: AcquireOptions): Promise<Acquired> {
    return this.#ask((shard) => shard.acquire(key, options))
  }

  fill(key: string, token: Buffer, content: Content, options?: FillOptions): Promise<Filled> {
    return this.#ask((shard) => shard.fill(key, token, content, options))
  }

  put(key: string, content: Content, options?: PutOptions): Promise<PutResult> {
    return this.#ask((shard) => shard.put(key, content, options))
  }

  invalidate(key: string, options: InvalidateOptions): Promise<number> {
    return this.#ask((shard) => shard.invalidate(key, options))
  }

  defer(key: string, holdMs: number): Promise<boolean> {
    return this.#roads.owner(key).defer(key, holdMs)
  }

  intend(key: string, options: IntendOptions): Promise<void> {
    return this.#ask((shard) => shard.intend(key, options))
  }

  settle(key: string, options: SettleOptions): Promise<Settled> {
    return this.#ask((shard) => shard.settle(key, options))
  }

  release(key: string, token: Buffer): Promise<void> {
    return this.#ask((shard) => shard.release(key, token))
  }

  /** Its name is not that of the key whose home this is, so that its slot may be another's. */
  lock(key: string, ttlMs: number): Promise<boolean> {
    return this.#ask((shard) => shard.lock(key, ttlMs), this.#roads.owner(key))
  }

  override readCopy(name: string, options: { readonly notBefore: number }): Promise<Found | undefined> {
    return this.#ask((shard) => shard.readCopy(name, options))
  }

  override leaseCopy(name: string, leaseTtlMs: number): Promise<CopyLease | undefined> {
    return this.#ask((shard) => shard.leaseCopy(name, leaseTtlMs))
  }

  override fillCopy(name: string, lease: CopyLease, copy: CopyContent): Promise<boolean> {
    return this.#ask((shard) => shard.fillCopy(name, lease, copy))
  }

  override dropCopy(name: string): Promise<void> {
    return this.#ask((shard) => shard.dropCopy(name))
  }

  budget(ask: BudgetAsk): Promise<{ readonly grant: BudgetGrant; readonly sentAt: number }> {
    return this.#ask((shard) => shard.budget(ask))
  }

  ask<Name extends OperationName>(
    key: string,
    name: Name,
    args: (now: ShardNow) => ArgumentsOf<Name>,
    options?: AskOptions,
  ): Promise<Told<ResultOf<Name>>> {
    return this.#ask((shard) => shard.ask(key, name, args, options), this.#roads.owner(key))
  }

  change<Name extends ChangeName>(
    key: string,
    name: Name,
    args: (now: ChangeNow) => ArgumentsOf<Name>,
  ): Promise<ResultOf<Name>> {
    return this.#ask((shard) => shard.change(key, name, args))
  }

  #ask<T>(request: (shard: Shard) => Promise<T>, shard = this.inner): Promise<T> {
    return request(shard).catch((error: unknown) => this.#redirected(request, shard, error))
  }

  async #redirected<T>(request: (shard: Shard) => Promise<T>, refusedBy: Shard, refusal: unknown): Promise<T> {
    let [from, error] = [refusedBy, refusal]
    for (let redirects = 0; redirects < MOST_REDIRECTS; redirects += 1) {
      const redirect = redirectOf(error)
      const next = redirect && (await this.#roads.follow(redirect, from))
      if (next === undefined) throw error
      try {
        return await request(next)
      } catch (refused) {
        ;[from, error] = [next, refused]
      }
    }
    throw RingsideError.from(error)
  }
}
