import { z } from 'zod'
import { sentinelUrl } from '../endpoints.ts'
import { maskUrl } from '../mask-url.ts'
import type { Path } from '../path.ts'
import type { Report } from '../problem.ts'
import { flag, integer, text } from '../scalars.ts'

const SECRET = '***'

export const sentinelFields = z.strictObject({
  master: text(
    'the name under which the Sentinels know it: letters, digits, dots, dashes and underscores',
    {},
    // What Sentinel itself takes.
    (name) => /^[A-Za-z0-9._-]+$/.test(name),
  ).describe('Name under which the Sentinels know the primary.'),
  nodes: z
    .array(sentinelUrl())
    .describe(
      'The Sentinels: host:port, or redis:// or rediss:// (TLS) URLs where they ask for a user and a password.',
    ),
  user: text('the name of a user', {}, (user) => user !== '')
    .optional()
    .describe('User of the servers that the Sentinels watch.'),
  password: text('a password', {}, (password) => password !== '')
    .optional()
    .describe('Password of the servers that the Sentinels watch.'),
  tls: flag().prefault(false).describe('Whether the servers that the Sentinels watch are spoken to over TLS.'),
  database: integer({ min: 0, max: 1_000_000 })
    .prefault(0)
    .describe('Which database of the servers that the Sentinels watch.'),
})

/** How the servers of a shard are found, and how they are spoken to. */
export interface SentinelConfig {
  readonly master: string
  /** Of each Sentinel, with its port; `shown` is without secrets. */
  readonly nodes: readonly { readonly url: string; readonly shown: string }[]
  readonly user: string | undefined
  readonly userShown: string | undefined
  readonly password: string | undefined
  readonly tls: boolean
  readonly database: number
}

type SentinelFields = z.output<typeof sentinelFields>

export function sentinelConfig(
  { nodes, master, user, password, tls, database }: SentinelFields,
  at: Path,
  maskedAt: (path: Path) => string | undefined,
): SentinelConfig {
  const shown = nodes.map((url, index) => ({ url, shown: maskUrl(maskedAt([...at, 'nodes', index]) ?? url) }))
  return { master, nodes: shown, user, userShown: maskedAt([...at, 'user']) ?? user, password, tls, database }
}

export function describeSentinel({ master, nodes, userShown, password, tls, database }: SentinelConfig): object {
  return {
    master,
    nodes: nodes.map((node) => node.shown),
    ...(userShown === undefined ? {} : { user: userShown }),
    ...(password === undefined ? {} : { password: SECRET }),
    tls,
    database,
  }
}

/** A node may lack what was wrong in it. */
export interface SentinelView {
  readonly sentinel?: Partial<SentinelFields> | undefined
}

/** A Sentinel is heard once; a primary that two nodes name is one shard, through whichever of its Sentinels. */
export function reportRepeatedMasters(nodes: readonly SentinelView[], report: Report): void {
  const known = new Map<string, number>()
  for (const [index, { sentinel }] of nodes.entries()) {
    const urls = sentinel?.nodes?.filter((url) => typeof url === 'string') ?? []
    const places = urls.map((url) => new URL(url).host.toLowerCase())
    for (const [place, host] of places.entries()) {
      if (places.indexOf(host) === place) continue
      report(['nodes', index, 'sentinel', 'nodes', place], 'is the same Sentinel as one before; remove one')
    }
    if (sentinel?.master === undefined) continue
    const masters = places.map((host) => `${sentinel.master} ${host} ${sentinel.database}`)
    const first = masters.map((master) => known.get(master)).find((found) => found !== undefined)
    if (first !== undefined) {
      report(
        ['nodes', index, 'sentinel', 'master'],
        `is the same as that of nodes[${first}], at the same Sentinels; two nodes on one server are no two shards`,
      )
    }
    for (const master of masters) known.set(master, first ?? index)
  }
}
