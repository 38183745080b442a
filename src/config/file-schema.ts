import { z } from 'zod'
import { duration, integer, name } from './scalars.ts'
import { adminSection } from './sections/admin.ts'
import { auditSection } from './sections/audit.ts'
import { eventsSection } from './sections/events.ts'
import { hotSection } from './sections/hot.ts'
import { journalSection } from './sections/journal.ts'
import { keyspacesSection } from './sections/keyspaces.ts'
import { leaseSection } from './sections/lease.ts'
import { limitsSection } from './sections/limits.ts'
import { listenSection } from './sections/listen.ts'
import { locksSection } from './sections/locks.ts'
import { logSection } from './sections/log.ts'
import { nearSection } from './sections/near.ts'
import { originsSection } from './sections/origins.ts'
import { shardsSection } from './sections/shards.ts'

/** The configuration file as it is written. */
export const fileSchema = z.strictObject({
  env: name().describe('Name of the environment: keeps its keys apart from those of others on the same shards.'),
  heartbeat: duration({ min: '10ms', max: '5s' })
    .prefault('1s')
    .describe('How often every shard is asked how it is. No freshness bound may be below two of them.'),
  drain: duration({ max: '1h' }).prefault('10s').describe('How long a stopping sidecar lets calls in flight finish.'),
  linger: duration({ max: '1h' })
    .prefault('0s')
    .describe('How long a sidecar that is told to stop goes on as before while callers are connected; then it drains.'),
  fleet: integer({ min: 1, max: 100_000 })
    .optional()
    .describe(
      'The largest number of sidecars that may run at once; together they keep to `maxConcurrent` of each origin. Without it each keeps to it for itself.',
    ),
  listen: listenSection.prefault({}).describe('Where the sidecar listens.'),
  shards: shardsSection.prefault({}).describe('The shared tier.'),
  near: nearSection.prefault({}).describe('The cache inside the sidecar.'),
  hot: hotSection.prefault({}).describe('Keys that are read so much that one shard is too few for them.'),
  lease: leaseSection.prefault({}).describe('The right to fill a missing key.'),
  limits: limitsSection.prefault({}).describe('What a sidecar takes on.'),
  audit: auditSection.prefault({}).describe('Answers that are checked against their sources, to measure staleness.'),
  journal: journalSection
    .optional()
    .describe('Keeps invalidations that do not reach their shard on disk; without it they fail.'),
  locks: locksSection.prefault({}).describe('Locks across the fleet.'),
  log: logSection.prefault({}).describe('The log.'),
  admin: adminSection.prefault({}).describe('Administration.'),
  origins: originsSection.prefault({}).describe('Sources of truth, by name.'),
  keyspaces: keyspacesSection.prefault({}).describe('Sets of keys under one policy, by name.'),
  events: eventsSection.prefault({}).describe('Events that outdate keys.'),
})

export type FileFields = z.output<typeof fileSchema>
