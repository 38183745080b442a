import type { Guard } from '../../guard/guard.ts'
import { TierShard, type TierShardOptions, type TierShardParts } from '../tier-shard.ts'
import { RedisServer } from './redis-server.ts'

export interface RedisShardOptions extends TierShardOptions {
  /** `redis://` or `rediss://` (TLS), with user and password where the server asks for them. */
  readonly url: string
  readonly replicas?: readonly string[]
}

export interface RedisShardParts extends Omit<TierShardParts, 'server' | 'replicas'> {
  /** Makes the guard in front of a server: `a` for the primary of that shard, `a:1` for its first replica. */
  readonly guardFor: (server: string) => Guard
}

/** After so many deadlines without a byte the connection itself is suspected and given up. */
const SILENT_TIMEOUTS = 10

/** A Redis or Valkey server, and its replicas, as a shard. */
export function createRedisShard(
  { url, replicas = [], ...options }: RedisShardOptions,
  parts: RedisShardParts,
): TierShard {
  const { guardFor, clock } = parts
  const silenceMs = options.timeoutMs * SILENT_TIMEOUTS
  const serverAt = (at: string, name: string) =>
    new RedisServer({ url: at, silenceMs }, { guard: guardFor(name), clock })
  return new TierShard(options, {
    ...parts,
    server: serverAt(url, options.name),
    replicas: replicas.map((replica, index) => {
      const name = String(index + 1)
      return { name, server: serverAt(replica, `${options.name}:${name}`) }
    }),
  })
}
