import type { Address } from '../../base/address.ts'
import type { Guard } from '../../guard/guard.ts'
import { TierShard, type TierShardOptions, type TierShardParts } from '../tier-shard.ts'
import { silenceAfter } from './redis-connection.ts'
import { RedisServer } from './redis-server.ts'
import { SentinelServers } from './sentinel-servers.ts'
import type { Sentinels } from './sentinels.ts'

export interface RedisShardOptions extends TierShardOptions {
  /** `redis://` or `rediss://` (TLS), with user and password where the server asks for them. */
  readonly url: string
  readonly replicas?: readonly string[]
}

export interface SentinelShardOptions extends TierShardOptions {
  /** The name under which the Sentinels know the primary. */
  readonly master: string
  /** The URL of a server of the shard, wherever it is. */
  readonly urlAt: (address: Address) => string
}

export interface RedisShardParts extends Omit<TierShardParts, 'server' | 'replicas'> {
  /** Makes the guard in front of a server: `a` for the primary of that shard, `a:1` for its first replica. */
  readonly guardFor: (server: string) => Guard
}

/** A shard whose servers Sentinels watch, and where those servers are at present. */
export function createSentinelShard(
  { master, urlAt, ...options }: SentinelShardOptions,
  { sentinels, ...parts }: RedisShardParts & { readonly sentinels: Sentinels },
): { readonly shard: TierShard; readonly servers: SentinelServers } {
  const { guardFor, clock } = parts
  const { name: shard, timeoutMs } = options
  const serverAt = (address: Address, name: string | undefined) => {
    const guard = guardFor(name === undefined ? shard : `${shard}:${name}`)
    const url = urlAt(address)
    return new RedisServer(
      { url, silenceMs: silenceAfter(timeoutMs), onlyPrimary: name === undefined },
      { guard, clock },
    )
  }
  const servers = new SentinelServers({ shard, master }, { ...parts, sentinels, serverAt })
  return { shard: new TierShard(options, { ...parts, server: servers, roster: servers }), servers }
}

/** A Redis or Valkey server, and its replicas, as a shard. */
export function createRedisShard(
  { url, replicas = [], ...options }: RedisShardOptions,
  parts: RedisShardParts,
): TierShard {
  const { guardFor, clock } = parts
  const serverAt = (at: string, name: string) =>
    new RedisServer({ url: at, silenceMs: silenceAfter(options.timeoutMs) }, { guard: guardFor(name), clock })
  return new TierShard(options, {
    ...parts,
    server: serverAt(url, options.name),
    replicas: replicas.map((replica, index) => {
      const name = String(index + 1)
      return { name, server: serverAt(replica, `${options.name}:${name}`) }
    }),
  })
}
