import type { Scenario } from '../scenario.ts'
import { RingTier } from '../world/ring-tier.ts'

/** Half of the sidecars, and no more, lose their way to one shard, and the last of them its way to the database, too. */
export const partition: Scenario<RingTier> = {
  name: 'partition',
  fault:
    'Nothing passes between one of the shards and half of the sidecars, and between one of these and the database: connections stay, packets are lost until the fault ends.',
  shape: { sidecars: 4, roads: true },
  startTier: RingTier.start,
  async inflict({ tier, sidecars, databaseRoads }, chance) {
    const cutOff = Math.ceil(sidecars.length / 2)
    const shard = chance.pick(tier.shards)
    const roads = [...shard.roads.slice(0, cutOff), databaseRoads[cutOff - 1]!]
    for (const road of roads) road.hold()
    return async () => {
      for (const road of roads) road.release()
    }
  },
}
