import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { ALL_RULES } from './base/rules.ts'
import { Backlogs } from './cache/backlogs.ts'
import { FlushRound } from './cache/flush-round.ts'
import type { OtherVersions } from './cache/other-versions.ts'
import type { Config } from './config/config.ts'
import type { Origin } from './origin/origin.ts'
import { backlogNames } from './store/backlog.ts'
import type { Packer } from './store/packing/packer.ts'
import type { Tier } from './store/tier.ts'

export interface BacklogSurroundings {
  readonly store: Tier
  readonly origins: ReadonlyMap<string, Origin>
  readonly otherVersions: OtherVersions
  readonly packer: Packer
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** By so much the lease of a backlog is longer than that of a key, which no origin's deadline may reach. */
const SPARE_MS = 2_000

/** What waits in the shards for origins that hear of it later; nothing is looked for where no keyspace says so. */
export function openBacklogs(config: Config, { store, ...parts }: BacklogSurroundings): Backlogs {
  const names = backlogNames(config.env)
  const batches = new Map(config.origins.map(({ name, batch }) => [name, batch]))
  const batchOf = (origin: string) => batches.get(origin) ?? 1
  const isUsed = config.keyspaces.some(({ writes }) => writes === 'write-behind')
  const round = new FlushRound({ names, policies: config.keyspaces, batchOf, rules: ALL_RULES }, { ...parts, store })
  const leaseTtlMs = config.lease.ttlMs + SPARE_MS
  return new Backlogs({ names, leaseTtlMs }, { ...parts, round, shards: () => (isUsed ? store.shards : []) })
}
