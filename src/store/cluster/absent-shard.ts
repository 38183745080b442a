import { RingsideError } from '../../base/errors.ts'
import { UNKNOWN_FACTS } from '../server-facts.ts'
import type { Acquired, Filled, Found, PutResult, Shard, ShardRead, ShardState, ShardStats } from '../shard.ts'

const NO_ERRORS: ReadonlyMap<string, number> = new Map()

/** The home of the keys of a slot that no node is known to own. */
export class AbsentShard implements Shard {
  readonly name = 'none'
  readonly #why: () => string

  constructor(why: () => string) {
    this.#why = why
  }

  async start(): Promise<void> {}

  async close(): Promise<void> {}

  state(): ShardState {
    return { up: false, why: this.#why() }
  }

  stats(): ShardStats {
    return {
      reads: 0,
      malformed: 0,
      server: UNKNOWN_FACTS,
      epochs: 0,
      trackingUp: false,
      replicas: [],
      errors: NO_ERRORS,
      journal: undefined,
    }
  }

  read(): Promise<ShardRead> {
    return this.#refuse()
  }

  async readReplica(): Promise<Found | undefined> {
    return undefined
  }

  acquire(): Promise<Acquired> {
    return this.#refuse()
  }

  fill(): Promise<Filled> {
    return this.#refuse()
  }

  put(): Promise<PutResult> {
    return this.#refuse()
  }

  invalidate(): Promise<number> {
    return this.#refuse()
  }

  async defer(): Promise<boolean> {
    return false
  }

  release(): Promise<void> {
    return this.#refuse()
  }

  lock(): Promise<boolean> {
    return this.#refuse()
  }

  watch(): () => void {
    return () => undefined
  }

  atLeast(): void {}

  serverUs(): undefined {
    return undefined
  }

  async #refuse(): Promise<never> {
    throw new RingsideError('SHARD_UNAVAILABLE', `no node of the cluster is known to own the key: ${this.#why()}`, {
      metadata: { shard: this.name, kind: 'connection' },
    })
  }
}
