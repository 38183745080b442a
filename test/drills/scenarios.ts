import { dbDown, dbSlow } from './faults/database-faults.ts'
import { failover } from './faults/failover.ts'
import { hotKey } from './faults/hot-key.ts'
import { partition } from './faults/partition.ts'
import { replicaLag } from './faults/replica-lag.ts'
import { resharding } from './faults/resharding.ts'
import { flush, reconnectStorm, shardFreeze, shardKill } from './faults/shard-faults.ts'
import type { Scenario } from './scenario.ts'

/** In the order in which the index lists them. */
export const SCENARIOS: readonly Scenario[] = [
  shardKill,
  shardFreeze,
  flush,
  reconnectStorm,
  failover,
  replicaLag,
  partition,
  resharding,
  hotKey,
  dbSlow,
  dbDown,
]
