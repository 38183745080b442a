import { TierShard, type TierShardOptions, type TierShardParts } from '../tier-shard.ts'
import { EmbeddedServer } from './memory-line.ts'
import { MemoryServer } from './memory-server.ts'

export interface MemoryShardOptions extends TierShardOptions {
  /** Bound on keys and payloads; over it the entries that were written longest ago go first. */
  readonly maxBytes: number
}

/** A shard in this process: the embedded default. */
export function createMemoryShard(options: MemoryShardOptions, parts: Omit<TierShardParts, 'server'>): TierShard {
  const { clock, chance } = parts
  const startedMs = clock.wall() - clock.now()
  const server = new MemoryServer({
    maxBytes: options.maxBytes,
    timeUs: () => (startedMs + clock.now()) * 1_000,
    runId: chance.bytes(20).toString('hex'),
    rules: options.rules,
  })
  return new TierShard(options, { ...parts, server: new EmbeddedServer(server, options.maxBytes, clock) })
}
