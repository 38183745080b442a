import { stringify } from 'yaml'
import { formatDuration } from '../base/duration.ts'
import type { Config } from './config.ts'
import { describeAdmin } from './sections/admin.ts'
import { describeAudit } from './sections/audit.ts'
import { describeEvents } from './sections/events.ts'
import { describeHot } from './sections/hot.ts'
import { describeJournal } from './sections/journal.ts'
import { describeKeyspace } from './sections/keyspaces.ts'
import { describeLease } from './sections/lease.ts'
import { describeLimits } from './sections/limits.ts'
import { describeListen } from './sections/listen.ts'
import { describeLocks } from './sections/locks.ts'
import { describeNear } from './sections/near.ts'
import { describeOrigin } from './sections/origins.ts'
import { describeShards } from './sections/shards.ts'

/** The effective configuration as YAML in human units, with secrets masked; but for those it is a valid configuration. */
export function describeConfig(config: Config): string {
  const tree = {
    env: config.env,
    ...(config.fleet === undefined ? {} : { fleet: config.fleet }),
    heartbeat: formatDuration(config.heartbeatMs),
    drain: formatDuration(config.drainMs),
    linger: formatDuration(config.lingerMs),
    listen: describeListen(config.listen),
    shards: describeShards(config.shards),
    near: describeNear(config.near),
    hot: describeHot(config.hot),
    lease: describeLease(config.lease),
    limits: describeLimits(config.limits),
    audit: describeAudit(config.audit),
    ...(config.journal === undefined ? {} : { journal: describeJournal(config.journal) }),
    locks: describeLocks(config.locks),
    log: config.log,
    admin: describeAdmin(config.admin),
    origins: byName(config.origins, describeOrigin),
    keyspaces: byName(config.keyspaces, describeKeyspace),
    events: describeEvents(config.events),
  }
  return stringify(tree, escapeVariables, { lineWidth: 0 })
}

function escapeVariables(_key: unknown, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('${', () => '$${') : value
}

function byName<Item extends { readonly name: string }>(
  items: readonly Item[],
  describe: (item: Item) => object,
): object {
  return Object.fromEntries(items.map((item) => [item.name, describe(item)]))
}
