import { pause, systemClock } from '../../src/base/clock.ts'
import type { RedisServer } from '../support/redis.ts'
import { LOAD_MS, setLoadTime } from './drill-database.ts'
import type { DrillWorld } from './drill-world.ts'

/** One kind of fault. */
export interface Scenario {
  readonly name: string
  /** For the report: what is done. */
  readonly fault: string
  /** It is over as soon as it has happened; otherwise it lasts until it is mended. */
  readonly momentary?: boolean
  /** Brings the fault about; what it answers mends it. */
  inflict(world: DrillWorld): Promise<() => Promise<void>>
}

const SLOW_MS = 500
const KILL_EVERY_MS = 100

const struck = ({ shards }: DrillWorld): RedisServer => shards[1] as RedisServer
const nothing = async () => undefined

/** Has the server close all connections of the sidecars, again and again, until it is mended. */
async function stormOf(shard: RedisServer): Promise<() => Promise<void>> {
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

/** In the order in which the index lists them. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'shard-kill',
    fault: 'One of the three shards is killed (SIGKILL) and started again, empty, at the end of the fault.',
    async inflict(world) {
      await struck(world).kill()
      return () => struck(world).restart()
    },
  },
  {
    name: 'shard-freeze',
    fault: 'One of the three shards is frozen (SIGSTOP): its connections stay open, its answers do not come.',
    async inflict(world) {
      struck(world).freeze()
      return async () => struck(world).thaw()
    },
  },
  {
    name: 'flush',
    fault: 'All three shards are emptied at once (FLUSHALL).',
    momentary: true,
    async inflict({ shards }) {
      await Promise.all(shards.map(({ client }) => client.flushall()))
      return nothing
    },
  },
  {
    name: 'db-slow',
    fault: `Every load takes the database ${SLOW_MS} ms instead of ${LOAD_MS} ms.`,
    async inflict({ postgres }) {
      await setLoadTime(postgres, SLOW_MS)
      return () => setLoadTime(postgres, LOAD_MS)
    },
  },
  {
    name: 'db-down',
    fault: 'The database is killed (SIGKILL) and started again at the end of the fault.',
    async inflict({ postgres }) {
      await postgres.kill()
      return () => postgres.restart()
    },
  },
  {
    name: 'reconnect-storm',
    fault: `One of the three shards closes all its connections every ${KILL_EVERY_MS} ms (CLIENT KILL).`,
    inflict: (world) => stormOf(struck(world)),
  },
]
