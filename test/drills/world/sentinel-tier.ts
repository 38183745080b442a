import { SentinelRig } from '../../support/sentinel.ts'
import type { DrillTier } from './drill-tier.ts'
import { EVICTING, RingTier } from './ring-tier.ts'
import type { WorldShape } from './world-shape.ts'

const MASTER = 'first'
/** Longer than two heartbeats and two seconds, as the README asks. */
const DOWN_AFTER_MS = 5_000

/** A ring of which Sentinels watch the first shard. */
export class SentinelTier implements DrillTier {
  readonly watched: SentinelRig
  readonly #others: RingTier

  private constructor(watched: SentinelRig, others: RingTier) {
    this.watched = watched
    this.#others = others
  }

  static async start(shape: WorldShape): Promise<SentinelTier> {
    const others = await RingTier.start({ ...shape, shards: shape.shards - 1 })
    try {
      const { replicas } = shape
      const rig = await SentinelRig.start({ master: MASTER, replicas, downAfterMs: DOWN_AFTER_MS, redis: EVICTING })
      return new SentinelTier(rig, others)
    } catch (error) {
      await others.stop()
      throw error
    }
  }

  configFor(sidecar: number): object {
    const { nodes } = this.#others.configFor(sidecar)
    return {
      topology: 'ring',
      nodes: [{ name: MASTER, sentinel: { master: MASTER, nodes: this.watched.nodes } }, ...nodes],
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.watched.stop(), this.#others.stop()])
  }
}
