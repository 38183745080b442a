import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { redisUrl } from '../endpoints.ts'
import { maskUrl } from '../mask-url.ts'
import type { Path } from '../path.ts'
import type { Report } from '../problem.ts'
import { ruleFor } from '../rule.ts'
import { choice, duration, integer, name } from '../scalars.ts'
import { reportSeeds, type SeedConfig, seedsConfig } from './cluster.ts'

const nodeFields = z.strictObject({
  name: name().describe('Name of the shard, which places it on the ring: keep it when the address changes.'),
  primary: redisUrl().describe('URL of its primary: redis:// or, with TLS, rediss://.'),
  replicas: z.array(redisUrl()).prefault([]).describe('URLs of its replicas, for keyspaces that may read them.'),
  weight: integer({ min: 1, max: 100 }).prefault(1).describe('Its share of the keys, relative to the others.'),
  state: choice(['active']).prefault('active').describe('Its place in the life of the ring. Only active for now.'),
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

export interface NodeConfig {
  readonly name: string
  readonly primary: string
  /** The URL without secrets: for logs and messages. */
  readonly primaryShown: string
  readonly replicas: readonly { readonly url: string; readonly shown: string }[]
  readonly weight: number
}

export type ShardsConfig =
  | { readonly topology: 'ring'; readonly nodes: readonly NodeConfig[]; readonly timeoutMs: number }
  | { readonly topology: 'cluster'; readonly seeds: readonly SeedConfig[]; readonly timeoutMs: number }
  | { readonly topology: 'embedded'; readonly count: number; readonly timeoutMs: number }

type NodeFields = z.output<typeof nodeFields>
/** A node may lack what was wrong in it. */
type ShardsView = Omit<z.output<typeof shardsSection>, 'nodes'> & {
  readonly nodes?: readonly Partial<NodeFields>[] | undefined
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
  const nodes = (fields.nodes ?? []).map(({ name, primary, replicas, weight }, index) => {
    const primaryShown = maskUrl(maskedAt(['shards', 'nodes', index, 'primary']) ?? primary)
    const shown = replicas.map((url, place) => ({
      url,
      shown: maskUrl(maskedAt(['shards', 'nodes', index, 'replicas', place]) ?? url),
    }))
    return { name, primary, primaryShown, replicas: shown, weight }
  })
  return { topology: 'ring', nodes, timeoutMs }
}

export function describeShards(shards: ShardsConfig): object {
  const timeout = formatDuration(shards.timeoutMs)
  if (shards.topology === 'embedded') return { topology: 'embedded', count: shards.count, timeout }
  if (shards.topology === 'cluster') {
    return { topology: 'cluster', seeds: shards.seeds.map(({ shown }) => shown), timeout }
  }
  const nodes = shards.nodes.map(({ name, primaryShown, replicas, weight }) => ({
    name,
    primary: primaryShown,
    ...(replicas.length === 0 ? {} : { replicas: replicas.map(({ shown }) => shown) }),
    weight,
  }))
  return { topology: 'ring', nodes, timeout }
}

interface Unique {
  readonly nodes: readonly Partial<NodeFields>[]
  readonly report: Report
}

function reportRepeated(
  { nodes, report }: Unique,
  field: keyof NodeFields,
  identify: (node: Partial<NodeFields>) => string | undefined,
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
