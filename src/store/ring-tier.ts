import type { Ring } from '../ring/ring.ts'
import type { Shard } from './shard.ts'
import type { Tier } from './tier.ts'

/** A tier of independent shards on a consistent-hash ring. */
export class RingTier implements Tier {
  readonly shards: readonly Shard[]
  readonly #ring: Ring
  readonly #byName: ReadonlyMap<string, Shard>

  /** Throws a `RangeError` when a node of the ring has no shard. */
  constructor(ring: Ring, shards: readonly Shard[]) {
    this.shards = shards
    this.#ring = ring
    this.#byName = new Map(shards.map((shard) => [shard.name, shard]))
    for (const node of ring.nodes) {
      if (!this.#byName.has(node.name)) throw new RangeError(`ring node ${node.name} has no shard`)
    }
  }

  home(key: string): Shard {
    return this.#byName.get(this.#ring.home(key)) as Shard
  }

  async start(): Promise<void> {
    await Promise.all(this.shards.map((shard) => shard.start()))
  }

  async close(): Promise<void> {
    await Promise.all(this.shards.map((shard) => shard.close()))
  }
}
