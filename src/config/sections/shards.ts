import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { redisUrl } from '../endpoints.ts'
import { maskUrl } from '../mask-url.ts'
import type { Path } from '../path.ts'
import type { Report } from '../problem.ts'
import { ruleFor } from '../rule.ts'
import { choice, duration, integer, name } from '../scalars.ts'
import { reportSeeds, type SeedConfig, seedsConfig } from './cluster.ts'
import {
  describeSentinel,
  reportRepeatedMasters,
  type SentinelConfig,
  type SentinelView,
  sentinelConfig,
  sentinelFields,
} from './sentinel.ts'

const nodeFields = z.strictObject({
  name: name().describe('Name of the shard, which places it on the ring: keep it when the address changes.'),
  primary: redisUrl().optional().describe('URL of its primary: redis:// or, with TLS, rediss://.'),
  replicas: z.array(redisUrl()).prefault([]).describe('URLs of its replicas, for keyspaces that may read them.'),
  sentinel: sentinelFields.optional().describe('How its servers are found where Sentinels watch them.'),
  weight: integer({ min: 1, max: 100 }).prefault(1).describe('Its share of the keys, relative to the others.'),
  state: choice(['joining', 'active', 'leaving'])
    .prefault('active')
    .describe('joining: on the ring after a change. leaving: on the ring before it. active: on both.'),
})

export const shardsSection = z.strictObject({
  topology: choice(['ring', 'cluster', 'embedded'])
    .prefault('ring')
    .describe(
      'ring: Redis servers under `nodes`. cluster: a Redis Cluster, found by `seeds`. embedded: shards inside the process, to try things out.',
    ),
  nodes: z.array(nodeFields).optional().describe('The shards of a ring.'),
  seeds: z
    .array(redisUrl())
    .optional()
    .describe('URLs of some nodes of a cluster; user and password are those of all its nodes.'),
  count: integer({ min: 1, max: 64 }).optional().describe('How many embedded shards; 3 unless given.'),
  timeout: duration({ min: '1ms', max: '1m' }).prefault('200ms').describe('Deadline of one command to a shard.'),
})

interface PlacedNode {
  readonly name: string
  readonly weight: number
  readonly state: 'joining' | 'active' | 'leaving'
}

/** A node whose servers have the roles that the configuration gives them. */
export interface FixedNode extends PlacedNode {
  readonly primary: string
  /** The URL without secrets: for logs and messages. */
  readonly primaryShown: string
  readonly replicas: readonly { readonly url: string; readonly shown: string }[]
}

/** A node whose servers have the roles that its Sentinels give them. */
export interface WatchedNode extends PlacedNode {
  readonly sentinel: SentinelConfig
}

export type NodeConfig = FixedNode | WatchedNode

export type ShardsConfig =
  | { readonly topology: 'ring'; readonly nodes: readonly NodeConfig[]; readonly timeoutMs: number }
  | { readonly topology: 'cluster'; readonly seeds: readonly SeedConfig[]; readonly timeoutMs: number }
  | { readonly topology: 'embedded'; readonly count: number; readonly timeoutMs: number }

type NodeFields = z.output<typeof nodeFields>
/** A node may lack what was wrong in it. */
type NodeView = Partial<Omit<NodeFields, 'sentinel'>> & SentinelView
type ShardsView = Omit<z.output<typeof shardsSection>, 'nodes'> & {
  readonly nodes?: readonly NodeView[] | undefined
}

const EMBEDDED_COUNT = 3
const rule = ruleFor<ShardsView>()

export const shardsRules = [
  rule(['topology', 'nodes'], ({ topology, nodes }, report) => {
    if (topology === 'ring' && nodes === undefined) report(['nodes'], 'is missing; list the Redis servers of the ring')
    if (topology === 'ring' && nodes?.length === 0) report(['nodes'], 'is empty; list at least one Redis server')
    if (topology !== 'ring' && nodes !== undefined) {
      const instead = topology === 'cluster' ? '`seeds`' : '`count`'
      report(['nodes'], `belongs to \`topology: ring\`; remove it, or give ${instead}`)
    }
  }),
  rule(['topology', 'count'], ({ topology, count }, report) => {
    if (topology !== 'embedded' && count !== undefined) report(['count'], 'belongs to `topology: embedded`; remove it')
  }),
  rule(['topology', 'seeds'], ({ topology, seeds }, report) => reportSeeds(topology, seeds, report)),
  rule(['nodes'], ({ nodes }, report) => {
    const unique = { report, nodes: nodes ?? [] }
    reportRepeated(unique, 'name', (node) => node.name, 'two nodes of one name would take the same place on the ring')
    reportRepeated(unique, 'primary', (node) => serverOf(node.primary), 'two nodes on one server are no two shards')
    reportReplicas(unique)
    reportRepeatedMasters(unique.nodes, report)
    reportServers(unique)
    // A node that is broken may have been meant to be active.
    const isNoneActive = nodes?.every(({ state }) => state === 'joining' || state === 'leaving')
    if (nodes !== undefined && nodes.length > 0 && isNoneActive) {
      report(['nodes'], 'none is active; a ring changes node by node, so that something of it stays')
    }
  }),
]

export function shardsConfig(
  fields: z.output<typeof shardsSection>,
  maskedAt: (path: Path) => string | undefined,
): ShardsConfig {
  const timeoutMs = fields.timeout
  if (fields.topology === 'embedded') return { topology: 'embedded', count: fields.count ?? EMBEDDED_COUNT, timeoutMs }
  if (fields.topology === 'cluster') {
    return { topology: 'cluster', seeds: seedsConfig(fields.seeds ?? [], maskedAt), timeoutMs }
  }
  const nodes = (fields.nodes ?? []).map(
    ({ name, primary = '', replicas, sentinel, weight, state }, index): NodeConfig => {
      const at = ['shards', 'nodes', index, 'sentinel']
      if (sentinel !== undefined) return { name, weight, state, sentinel: sentinelConfig(sentinel, at, maskedAt) }
      const primaryShown = maskUrl(maskedAt(['shards', 'nodes', index, 'primary']) ?? primary)
      const shown = replicas.map((url, place) => ({
        url,
        shown: maskUrl(maskedAt(['shards', 'nodes', index, 'replicas', place]) ?? url),
      }))
      return { name, weight, state, primary, primaryShown, replicas: shown }
    },
  )
  return { topology: 'ring', nodes, timeoutMs }
}

export function describeShards(shards: ShardsConfig): object {
  const timeout = formatDuration(shards.timeoutMs)
  if (shards.topology === 'embedded') return { topology: 'embedded', count: shards.count, timeout }
  if (shards.topology === 'cluster') {
    return { topology: 'cluster', seeds: shards.seeds.map(({ shown }) => shown), timeout }
  }
  return { topology: 'ring', nodes: shards.nodes.map(describeNode), timeout }
}

function describeNode(node: NodeConfig): object {
  const { name, weight, state } = node
  if ('sentinel' in node) return { name, sentinel: describeSentinel(node.sentinel), weight, state }
  const replicas = node.replicas.length === 0 ? {} : { replicas: node.replicas.map(({ shown }) => shown) }
  return { name, primary: node.primaryShown, ...replicas, weight, state }
}

interface Unique {
  readonly nodes: readonly NodeView[]
  readonly report: Report
}

function reportRepeated(
  { nodes, report }: Unique,
  field: keyof NodeFields,
  identify: (node: NodeView) => string | undefined,
  why: string,
): void {
  const firstIndex = new Map<string, number>()
  for (const [index, node] of nodes.entries()) {
    const identity = identify(node)
    if (identity === undefined) continue
    const first = firstIndex.get(identity)
    if (first === undefined) firstIndex.set(identity, index)
    else report(['nodes', index, field], `is the same as that of nodes[${first}]; ${why}`)
  }
}

/** Either its servers are named, or its Sentinels. What is wrong by itself is absent, and not judged again. */
function reportServers({ nodes, report }: Unique): void {
  for (const [index, node] of nodes.entries()) {
    if (!('primary' in node && 'sentinel' in node)) continue
    const { primary, sentinel } = node
    if (primary === undefined && sentinel === undefined) {
      report(
        ['nodes', index, 'primary'],
        'is missing; write the URL of its primary, or `sentinel` where Sentinels watch it',
      )
    }
    if (sentinel !== undefined) reportTold(node, ['nodes', index], report)
  }
}

/** What Sentinels tell is not to be written. */
function reportTold({ primary, replicas = [], sentinel }: NodeView, at: Path, report: Report): void {
  if (primary !== undefined) {
    report([...at, 'primary'], 'is told by the Sentinels under `sentinel`; remove one of the two')
  }
  if (replicas.length > 0) {
    report([...at, 'replicas'], 'are told by the Sentinels under `sentinel`; remove them')
  }
  if (sentinel?.nodes?.length === 0) {
    report([...at, 'sentinel', 'nodes'], 'is empty; list the Sentinels that watch it')
  }
}

/** A server has one role: what is read as a replica must be neither a primary nor listed twice. */
function reportReplicas({ nodes, report }: Unique): void {
  const roles = new Map<string | undefined, string>()
  for (const [index, { primary }] of nodes.entries()) roles.set(serverOf(primary), `nodes[${index}].primary`)
  for (const [index, { replicas = [] }] of nodes.entries()) {
    for (const [place, replica] of replicas.entries()) {
      const server = serverOf(replica)
      const role = server && roles.get(server)
      if (role !== undefined) report(['nodes', index, 'replicas', place], `is the same server as ${role}; remove one`)
      else roles.set(server, `nodes[${index}].replicas[${place}]`)
    }
  }
}

/** What tells one server's database from another, however its URL is written. */
function serverOf(primary: string | undefined): string | undefined {
  if (primary === undefined || !URL.canParse(primary)) return undefined
  const url = new URL(primary)
  return `${url.hostname.toLowerCase()}:${url.port || '6379'}/${Number(url.pathname.slice(1))}`
}
