import { systemChance } from '../../src/base/chance.ts'
import type { Clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { createMemoryShard } from '../../src/store/memory/create-memory-shard.ts'
import type { TierShard } from '../../src/store/tier-shard.ts'

/** A shard in process, not started yet. */
export function memoryShard(
  clock: Clock,
  { name = 'a', maxBytes = 1 << 24, onChanged = () => undefined }: MemoryShardSettings = {},
): TierShard {
  return createMemoryShard(
    { name, controls: 'test:~', member: 'm', timeoutMs: 1_000, heartbeatMs: 200, rules: ALL_RULES, maxBytes },
    { clock, chance: systemChance, log: silentLog, onChanged },
  )
}

interface MemoryShardSettings {
  readonly name?: string
  readonly maxBytes?: number
  readonly onChanged?: (key: string | undefined) => void
}
