import type { Guard } from '../../guard/guard.ts'
import type { Journal } from '../journal/journal.ts'
import type { Server } from '../line.ts'
import { TierShard, type TierShardOptions, type TierShardParts } from '../tier-shard.ts'
import { Wakes } from '../wakes.ts'
import { ClusterJournal } from './cluster-journal.ts'
import { ClusterMap } from './cluster-map.ts'
import { ClusterMaster } from './cluster-master.ts'
import { ClusterTier } from './cluster-tier.ts'
import { redirectOf } from './redirect.ts'

export interface CreateClusterTierOptions extends Omit<TierShardOptions, 'name'> {
  /** Some of its nodes: `redis://` or `rediss://` (TLS). User and password of the first are those of all nodes. */
  readonly seeds: readonly string[]
}

export interface CreateClusterTierParts extends Omit<TierShardParts, 'server' | 'replicas' | 'wakes' | 'journal'> {
  /** Makes the guard in front of a master. */
  readonly guardFor: (shard: string) => Guard
  /** Keeps what does not reach the masters; without one that is not kept. */
  readonly journal?: Journal | undefined
}

/** After so many deadlines without a byte the connection itself is suspected and given up. */
const SILENT_TIMEOUTS = 10

/** A Redis Cluster, known by some of its nodes, as a tier. */
export function createClusterTier(
  { seeds, ...options }: CreateClusterTierOptions,
  { guardFor, journal, ...parts }: CreateClusterTierParts,
): ClusterTier {
  const { timeoutMs } = options
  const wakes = new Wakes()
  const urlAt = urlsLike(seeds[0] as string)
  const owing = (key: string) => tier.masterOf(key)?.journal
  const journals = journal && new ClusterJournal({ journal, owing })
  const tier: ClusterTier = new ClusterTier(
    { timeoutMs },
    {
      ...parts,
      onShared: () => journals?.share(),
      onClosed: async () => journal?.close(),
      nobody: new TierShard({ ...options, name: 'none' }, { ...parts, server: NOBODY }),
      mapFor: (onRead) => new ClusterMap({ seeds, timeoutMs }, { ...parts, onRead }),
      masterAt: (address, name) =>
        new ClusterMaster(
          { ...options, name, address, silenceMs: SILENT_TIMEOUTS * timeoutMs },
          {
            ...parts,
            wakes,
            journal: journals?.master(),
            guard: guardFor(name),
            urlAt,
            slotsOf: (master) => tier.slotsOf(master),
            look: () => tier.look(),
            elsewhere: async ({ key, holdMs }, refusal) => {
              if (redirectOf(refusal) === undefined) throw refusal
              await tier.home(key).invalidate(key, { staleKeepMs: 0, holdMs })
            },
          },
        ),
    },
  )
  return tier
}

/** Never dialled, so that whoever asks it is told at once that it cannot be reached. */
const NOBODY: Server = {
  dial: () => Promise.reject(new Error('no node is known to own the key')),
  refusal: () => undefined,
  judge: () => ({ kind: 'connection', meaning: 'unanswered', retryAfterMs: undefined }),
  close: () => undefined,
}

/** The nodes of a cluster differ in nothing but their addresses. */
function urlsLike(seed: string): (address: string) => string {
  const { protocol, username, password } = new URL(seed)
  const login = username === '' && password === '' ? '' : `${username}:${password}@`
  return (address) => {
    const colon = address.lastIndexOf(':')
    const host = address.slice(0, colon)
    return `${protocol}//${login}${host.includes(':') ? `[${host}]` : host}:${address.slice(colon + 1)}`
  }
}
