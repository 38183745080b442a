import { type Address, formatAddress } from './base/address.ts'
import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import { RingsideError } from './base/errors.ts'
import type { Log } from './base/log.ts'
import { ALL_RULES } from './base/rules.ts'
import type { NearRung } from './cache/near-rung.ts'
import type { Config } from './config/config.ts'
import type { SentinelConfig } from './config/sections/sentinel.ts'
import type { ShardsConfig } from './config/sections/shards.ts'
import type { Breaker, BreakerOptions } from './guard/breaker.ts'
import { Guard } from './guard/guard.ts'
import { OpossumBreaker } from './guard/opossum-breaker.ts'
import type { CreateClusterTierParts } from './store/cluster/create-cluster-tier.ts'
import type { FleetVersions } from './store/fleet-versions.ts'
import { Debts } from './store/journal/debts.ts'
import type { Journal } from './store/journal/journal.ts'
import { openJournal } from './store/journal/open-journal.ts'
import { createMemoryShard } from './store/memory/create-memory-shard.ts'
import type { Packer } from './store/packing/packer.ts'
import type { SentinelServers } from './store/redis/sentinel-servers.ts'
import type { Sentinels } from './store/redis/sentinels.ts'
import type { StatedNode } from './store/ring/ring-plan.ts'
import { RingTier } from './store/ring-tier.ts'
import type { Shard } from './store/shard.ts'
import type { Tier } from './store/tier.ts'
import type { TierShardOptions, TierShardParts } from './store/tier-shard.ts'

/** A shard is given up after a few deadlines in a row, and asked again soon: a probe costs one caller one deadline. */
const SHARD_BREAKER: Omit<BreakerOptions, 'name' | 'slow'> = {
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 2_000,
  openForMs: 1_000,
  jitter: 0.3,
}

/** A shard that answers most requests only just before their deadline is one to leave alone for a while. */
const SHARD_SLOW = { timeouts: 0.75, ratio: 0.8 }

/** Pipelines, each of one tick's commands, that may be under way to one shard, and that may wait for that. */
const SHARD_PIPELINES = { maxConcurrent: 64, maxWaiting: 256 }

const CLUSTER_JOURNAL = 'cluster'
const REDIS_PORT = 6_379
const MEMORY_SHARD_BYTES = 32 << 20

export interface ShardSurroundings {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  readonly near: NearRung
  readonly versions: FleetVersions
  readonly packer: Packer
  /** Whether the origins have room for the reads of keys whose new homes hold nothing yet. */
  readonly mayGoOn: () => boolean
  /** A heartbeat leaves for a shard. */
  readonly onBeat: (shard: string) => void
}

/** The shared tier as it is configured, and what is told of it. */
export interface OpenedShards {
  readonly tier: Tier
  /** Its hash is `''` where keys are not placed by a ring. */
  readonly ring: () => { readonly hash: string }
  /** How far a change of the ring is; where there is none, nothing ever changes. */
  readonly change: Pick<RingTier, 'differMs' | 'movedShare'>
  /** Goes over to the nodes of another configuration, behind whoever asks for it; each node has the address it had. */
  readonly take: (config: Config) => void
  readonly nodes: () => readonly Node[]
  readonly breakers: () => readonly Breaker[]
}

/** One node of the tier: its servers by host and port, `''` for one that is in this process or not known yet. */
interface Node extends StatedNode {
  readonly primary: string
  readonly replicas: readonly string[]
}

function ringNodes(shards: Exclude<ShardsConfig, { topology: 'cluster' }>): readonly Node[] {
  if (shards.topology === 'embedded') {
    const names = Array.from({ length: shards.count }, (_, index) => `memory-${index + 1}`)
    return names.map((name) => ({ name, weight: 1, state: 'active', primary: '', replicas: [] }))
  }
  return shards.nodes.map((node) => {
    const { name, weight, state } = node
    if ('sentinel' in node) return { name, weight, state, primary: '', replicas: [] }
    return { name, weight, state, primary: hostOf(node.primary), replicas: node.replicas.map(({ url }) => hostOf(url)) }
  })
}

/** Without what is secret in it. */
function hostOf(url: string): string {
  const { hostname, port } = new URL(url)
  return `${hostname}:${port === '' ? REDIS_PORT : port}`
}

/** The tier that is configured. Drivers are loaded where they are needed: each takes up to 10 MB of memory. */
export async function openShards(config: Config, { near, ...parts }: ShardSurroundings): Promise<OpenedShards> {
  const { env, shards, heartbeatMs } = config
  const debts = new Debts(parts.clock)
  const onChanged = (key: string | undefined) => near.changed(key)
  const surroundings = { ...parts, debts, onChanged }
  const member = parts.chance.bytes(8).toString('base64url')
  const common = { controls: `${env}:~`, member, timeoutMs: shards.timeoutMs, heartbeatMs, rules: ALL_RULES }
  if (shards.topology === 'cluster')
    return openCluster(shards, common, { ...parts, onChanged, journal: await openOne(config, parts.chance) })
  const { open, breakers, watched } =
    shards.topology === 'embedded'
      ? { open: openInMemory(common, surroundings), breakers: new Set<Breaker>(), watched: undefined }
      : await onRedis(common, surroundings)
  const nodes = ringNodes(shards)
  const onLeft = () => near.overtaken()
  const opened = await Promise.all(nodes.map(({ name }) => open(config, name)))
  const tier = new RingTier({ nodes, heartbeatMs }, { ...parts, shards: opened, onLeft })
  let current = nodes
  return {
    tier,
    ring: () => tier.ring,
    change: tier,
    nodes: () => current.map((node) => ({ ...node, ...watched?.get(node.name)?.addresses })),
    breakers: () => [...breakers],
    take: (changed) => {
      if (changed.shards.topology === 'cluster') return
      current = ringNodes(changed.shards)
      tier
        .change(current, (name) => open(changed, name))
        .catch((error: unknown) => parts.log.error({ error: RingsideError.from(error).message }, 'ring not changed'))
    },
  }
}

type Open = (config: Config, name: string) => Promise<Shard>
type Common = Omit<TierShardOptions, 'name'>
type Around = Omit<ShardSurroundings, 'near' | 'mayGoOn'> & Pick<TierShardParts, 'debts' | 'onChanged'>

function openInMemory(common: Common, parts: Around): Open {
  return async (_config, name) => createMemoryShard({ ...common, name, maxBytes: MEMORY_SHARD_BYTES }, parts)
}

interface RedisOpener {
  readonly open: Open
  readonly breakers: ReadonlySet<Breaker>
  readonly watched: ReadonlyMap<string, SentinelServers>
}

async function onRedis(common: Common, parts: Around): Promise<RedisOpener> {
  const { createRedisShard, createSentinelShard } = await import('./store/redis/create-redis-shard.ts')
  const breakers = new Set<Breaker>()
  const watched = new Map<string, SentinelServers>()
  const guardFor = guards(common.timeoutMs, parts, breakers)
  const sentinelsOf = await sentinelsFor(common.timeoutMs, parts)
  const open: Open = async ({ shards, journal }, name) => {
    const node = shards.topology === 'ring' ? shards.nodes.find((one) => one.name === name) : undefined
    if (node === undefined) throw new RingsideError('INTERNAL', `node ${name} is not configured`)
    const kept = journal && { folder: journal.path, shard: name, maxBytes: journal.maxBytes }
    const shardParts = { ...parts, guardFor, journal: kept && (await openJournal(kept, parts.chance)) }
    if (!('sentinel' in node)) {
      const replicas = node.replicas.map(({ url }) => url)
      return createRedisShard({ ...common, name, url: node.primary, replicas }, shardParts)
    }
    const { sentinel } = node
    const urlAt = (server: Address) => urlOf(server, sentinel)
    const { shard, servers } = createSentinelShard(
      { ...common, name, master: sentinel.master, urlAt },
      { ...shardParts, sentinels: sentinelsOf(sentinel) },
    )
    watched.set(name, servers)
    return shard
  }
  return { open, breakers, watched }
}

/** Shards with the same Sentinels share the connections to them. */
async function sentinelsFor(
  timeoutMs: number,
  parts: Omit<ShardSurroundings, 'near' | 'mayGoOn'>,
): Promise<(sentinel: SentinelConfig) => Sentinels> {
  const { Sentinels } = await import('./store/redis/sentinels.ts')
  const opened = new Map<string, Sentinels>()
  return ({ nodes }) => {
    const urls = nodes.map(({ url }) => url).sort()
    const known = opened.get(urls.join(' ')) ?? new Sentinels({ nodes, timeoutMs }, parts)
    opened.set(urls.join(' '), known)
    return known
  }
}

function urlOf(server: Address, { user = '', password, tls, database }: SentinelConfig): string {
  const login = password === undefined ? user : `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return `${tls ? 'rediss' : 'redis'}://${login === '' ? '' : `${login}@`}${formatAddress(server)}/${database}`
}

async function openCluster(
  { seeds, timeoutMs }: Extract<ShardsConfig, { topology: 'cluster' }>,
  options: Omit<TierShardOptions, 'name'>,
  parts: Omit<CreateClusterTierParts, 'guardFor'>,
): Promise<OpenedShards> {
  const { createClusterTier } = await import('./store/cluster/create-cluster-tier.ts')
  const breakers = new Set<Breaker>()
  const guardFor = guards(timeoutMs, parts, breakers)
  const tier = createClusterTier({ ...options, seeds: seeds.map(({ url }) => url) }, { ...parts, guardFor })
  return {
    tier,
    ring: () => ({ hash: '' }),
    change: { differMs: 0, movedShare: 1 },
    take: () => undefined,
    nodes: () =>
      tier.masters.map(({ shard: { name }, address }) => {
        return { name, weight: tier.slotsOf(address).length, state: 'active', primary: address, replicas: [] }
      }),
    breakers: () => [...breakers],
  }
}

/** Makes the guard in front of a server, whose breaker is among `breakers` until it is closed. */
function guards(
  timeoutMs: number,
  parts: Pick<ShardSurroundings, 'clock' | 'chance'>,
  breakers: Set<Breaker>,
): (server: string) => Guard {
  const slow = { afterMs: SHARD_SLOW.timeouts * timeoutMs, ratio: SHARD_SLOW.ratio }
  return (server) => {
    const breaker = new OpossumBreaker(
      { name: `shard:${server}`, slow, ...SHARD_BREAKER },
      { ...parts, classify: () => 'failure' },
    )
    breakers.add(breaker)
    const onClose = () => void breakers.delete(breaker)
    return new Guard({ name: breaker.name, timeoutMs, ...SHARD_PIPELINES }, { clock: parts.clock, breaker, onClose })
  }
}

/** Which shard has to hear of what is not known beforehand in a cluster. */
async function openOne({ journal }: Config, chance: Chance): Promise<Journal | undefined> {
  if (journal === undefined) return undefined
  return openJournal({ folder: journal.path, shard: CLUSTER_JOURNAL, maxBytes: journal.maxBytes }, chance)
}
