import type { Scenario } from '../scenario.ts'
import { RingTier } from '../world/ring-tier.ts'

/** Nobody listens there. */
const NOWHERE = ['127.0.0.1', 1] as const

export const replicaLag: Scenario<RingTier> = {
  name: 'replica-lag',
  fault:
    'A replica of one shard hears of no changes any more and goes on answering what it has (REPLICAOF an address where nobody is); one of another shard is frozen (SIGSTOP).',
  // Without near caches, so that replicas are read all the time.
  shape: { replicas: 1, nearBytes: 0 },
  startTier: RingTier.start,
  async inflict({ tier }, chance) {
    const deaf = chance.pick(tier.shards)
    const frozen = chance.pick(tier.shards.filter((shard) => shard !== deaf))
    for (const { client } of deaf.replicas) await client.replicaof(...NOWHERE)
    for (const replica of frozen.replicas) replica.freeze()
    return async () => {
      for (const { client } of deaf.replicas) await client.replicaof('127.0.0.1', deaf.primary.port)
      for (const replica of frozen.replicas) replica.thaw()
    }
  },
}
