import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { ALL_RULES } from './base/rules.ts'
import type { NearRung } from './cache/near-rung.ts'
import type { Config } from './config/config.ts'
import type { Breaker, BreakerOptions } from './guard/breaker.ts'
import { Guard } from './guard/guard.ts'
import { OpossumBreaker } from './guard/opossum-breaker.ts'
import type { Journal } from './store/journal/journal.ts'
import { openJournal } from './store/journal/open-journal.ts'
import { createMemoryShard } from './store/memory/create-memory-shard.ts'
import type { Shard } from './store/shard.ts'

/** A shard is given up after a few deadlines in a row, and asked again soon: a probe costs one caller one deadline. */
const SHARD_BREAKER: Omit<BreakerOptions, 'name'> = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 2_000,
  openForMs: 1_000,
  jitter: 0.3,
  slowAfterMs: undefined,
}

/** Pipelines, each of one tick's commands, that may be under way to one shard, and that may wait for that. */
const SHARD_PIPELINES = { maxConcurrent: 64, maxWaiting: 256 }

const MEMORY_SHARD_BYTES = 32 << 20

export interface ShardSurroundings {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  readonly near: NearRung
}

export interface OpenedShards {
  readonly shards: readonly Shard[]
  readonly breakers: readonly Breaker[]
}

/** The nodes of the ring, by their names. */
export function nodesOf({ shards }: Config): readonly { readonly name: string; readonly weight: number }[] {
  if (shards.topology === 'ring') return shards.nodes
  return Array.from({ length: shards.count }, (_, index) => ({ name: `memory-${index + 1}`, weight: 1 }))
}

/** The shards that are configured. Drivers are loaded where they are needed: each takes up to 10 MB of memory. */
export async function openShards(config: Config, { near, ...parts }: ShardSurroundings): Promise<OpenedShards> {
  const { env, shards, heartbeatMs } = config
  const breakers: Breaker[] = []
  const surroundings = { ...parts, onChanged: (key: string | undefined) => near.changed(key) }
  const member = parts.chance.bytes(8).toString('base64url')
  const common = { controls: `${env}:~`, member, timeoutMs: shards.timeoutMs, heartbeatMs, rules: ALL_RULES }
  if (shards.topology === 'embedded') {
    const inMemory = nodesOf(config).map(({ name }) =>
      createMemoryShard({ ...common, name, maxBytes: MEMORY_SHARD_BYTES }, surroundings),
    )
    return { shards: inMemory, breakers }
  }
  const { createRedisShard } = await import('./store/redis/create-redis-shard.ts')
  const guardFor = (server: string) => {
    const breaker = new OpossumBreaker(
      { name: `shard:${server}`, ...SHARD_BREAKER },
      { ...parts, classify: () => 'failure' },
    )
    breakers.push(breaker)
    const limits = { name: breaker.name, timeoutMs: shards.timeoutMs, ...SHARD_PIPELINES }
    return new Guard(limits, { clock: parts.clock, breaker })
  }
  const journals = await openJournals(config)
  const onRedis = shards.nodes.map(({ name, primary: url, replicas }) =>
    createRedisShard(
      { ...common, name, url, replicas: replicas.map((replica) => replica.url) },
      { ...surroundings, guardFor, journal: journals.get(name) },
    ),
  )
  return { shards: onRedis, breakers }
}

async function openJournals({ journal, shards }: Config): Promise<ReadonlyMap<string, Journal>> {
  const journals = new Map<string, Journal>()
  if (journal === undefined || shards.topology === 'embedded') return journals
  const { path: folder, maxBytes } = journal
  for (const { name: shard } of shards.nodes) journals.set(shard, await openJournal({ folder, shard, maxBytes }))
  return journals
}
