import type { Guard } from '../../guard/guard.ts'
import { TierShard, type TierShardOptions, type TierShardParts } from '../tier-shard.ts'
import { RedisServer } from './redis-server.ts'

export interface RedisShardOptions extends TierShardOptions {
  /** `redis://` or `rediss://` (TLS), with user and password where the server asks for them. */
  readonly url: string
}

/** After so many deadlines without a byte the connection itself is suspected and given up. */
const SILENT_TIMEOUTS = 10

/** A Redis or Valkey server as a shard. */
export function createRedisShard(
  options: RedisShardOptions,
  parts: Omit<TierShardParts, 'server'> & { readonly guard: Guard },
): TierShard {
  const { url, timeoutMs } = options
  return new TierShard(options, {
    ...parts,
    server: new RedisServer({ url, silenceMs: timeoutMs * SILENT_TIMEOUTS }, parts),
  })
}
