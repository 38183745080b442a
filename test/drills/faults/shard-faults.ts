import { pause, systemClock } from '../../../src/base/clock.ts'
import type { RedisServer } from '../../support/redis.ts'
import type { SeededChance } from '../../torture/seeded-chance.ts'
import type { Mend, Scenario } from '../scenario.ts'
import type { DrillWorld } from '../world/drill-world.ts'
import { RingTier } from '../world/ring-tier.ts'

const KILL_EVERY_MS = 100

const struck = ({ tier }: DrillWorld<RingTier>, chance: SeededChance): RedisServer => chance.pick(tier.shards).primary
const { start: startTier } = RingTier

/** Has the server close all connections of the sidecars, again and again, until it is mended. */
async function stormOf(shard: RedisServer): Promise<Mend> {
  const calm = new AbortController()
  const storming = (async () => {
    while (!calm.signal.aborted) {
      await shard.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await shard.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes')
      await pause(systemClock, KILL_EVERY_MS, calm.signal)
    }
  })()
  return async () => {
    calm.abort()
    await storming
  }
}

export const shardKill: Scenario<RingTier> = {
  name: 'shard-kill',
  fault: 'One of the shards is killed (SIGKILL) and started again, empty, at the end of the fault.',
  empties: true,
  startTier,
  async inflict(world, chance) {
    const shard = struck(world, chance)
    await shard.kill()
    return () => shard.restart()
  },
}

export const shardFreeze: Scenario<RingTier> = {
  name: 'shard-freeze',
  fault: 'One of the shards is frozen (SIGSTOP): its connections stay open, its answers do not come.',
  startTier,
  async inflict(world, chance) {
    const shard = struck(world, chance)
    shard.freeze()
    return async () => shard.thaw()
  },
}

export const flush: Scenario<RingTier> = {
  name: 'flush',
  fault: 'All shards are emptied at once (FLUSHALL).',
  momentary: true,
  empties: true,
  startTier,
  async inflict({ tier }) {
    await Promise.all(tier.shards.map(({ primary }) => primary.client.flushall()))
    return async () => undefined
  },
}

export const reconnectStorm: Scenario<RingTier> = {
  name: 'reconnect-storm',
  fault: `One of the shards closes all its connections every ${KILL_EVERY_MS} ms (CLIENT KILL).`,
  startTier,
  inflict: (world, chance) => stormOf(struck(world, chance)),
}
