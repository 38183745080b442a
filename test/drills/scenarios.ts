import { databaseFaults } from './faults/database-faults.ts'
import { partition } from './faults/partition.ts'
import { shardFaults } from './faults/shard-faults.ts'
import type { Scenario } from './scenario.ts'

/** In the order in which the index lists them. */
export const SCENARIOS: readonly Scenario[] = [...shardFaults, ...databaseFaults, partition]
