import { formatDuration } from '../base/duration.ts'
import { nearest } from '../base/nearest.ts'
import { behindRules } from './behind-rules.ts'
import type { KeyspaceView } from './keyspace-view.ts'
import { ruleFor } from './rule.ts'
import { usesParameter } from './sql-parameter.ts'
import { warmRules } from './warm-rules.ts'

const rule = ruleFor<KeyspaceView>()
const NOT_STRONG = 'is not for strong keyspaces, which'

/** A strong keyspace answers nothing that any acknowledged change has outdated. */
const strongRules = [
  rule(['consistency', 'maxStaleness'], ({ consistency, maxStaleness }, report) => {
    if (consistency !== 'strong' || maxStaleness === undefined) return
    report(['maxStaleness'], `${NOT_STRONG} have a bound of 0; remove it, or use \`consistency: bounded\``)
  }),
  rule(['consistency', 'softTtl'], ({ consistency, softTtl }, report) => {
    if (consistency !== 'strong' || softTtl === undefined) return
    report(['softTtl'], `${NOT_STRONG} never answer with a value that is being refreshed; remove it`)
  }),
  rule(['consistency', 'near'], ({ consistency, near }, report) => {
    if (consistency !== 'strong' || near?.enabled !== true) return
    report(['near'], `${NOT_STRONG} read the shard each time; remove it, or write false`)
  }),
  rule(['consistency', 'degraded'], ({ consistency, degraded }, report) => {
    if (consistency !== 'strong') return
    const mend = 'fail rather than answer stale; use 0s'
    if ((degraded.maxStaleness ?? 0) > 0) report(['degraded', 'maxStaleness'], `${NOT_STRONG} ${mend}`)
    if (degraded.then === 'stale') report(['degraded', 'then'], `${NOT_STRONG} never answer stale; use origin or fail`)
  }),
  rule(['consistency', 'hot'], ({ consistency, hot }, report) => {
    if (consistency !== 'strong' || (hot.maxCopies ?? 0) === 0) return
    report(['hot', 'maxCopies'], `${NOT_STRONG} have no copies; use 0`)
  }),
  rule(['consistency', 'replicas'], ({ consistency, replicas }, report) => {
    if (consistency !== 'strong' || replicas.read !== true) return
    report(['replicas', 'read'], `${NOT_STRONG} read the primary each time; use false`)
  }),
  rule(['consistency', 'target'], ({ consistency, target }, report) => {
    if (consistency !== 'strong' || (target?.lag ?? 0) === 0) return
    report(['origin'], 'lags behind the truth, which a strong keyspace must not; use an origin with `lag: 0s`')
  }),
]

const boundRules = [
  rule(['consistency', 'maxStaleness'], ({ consistency, maxStaleness }, report) => {
    if (consistency === 'bounded' && maxStaleness === undefined) {
      report(['maxStaleness'], 'is missing; a bounded keyspace needs its bound, such as 5s')
    }
  }),
  rule(['consistency', 'maxStaleness', 'heartbeat'], ({ consistency, maxStaleness, heartbeat }, report) => {
    if (consistency === 'strong' || maxStaleness === undefined) return
    if (maxStaleness > 0 && maxStaleness < 2 * heartbeat) report(['maxStaleness'], belowHeartbeats(heartbeat))
  }),
  rule(['consistency', 'maxStaleness', 'ttl', 'heartbeat'], (fields, report) => {
    if (fields.consistency !== 'tolerant' || fields.maxStaleness !== undefined) return
    if (fields.ttl < 2 * fields.heartbeat) {
      report(
        ['ttl'],
        `as the bound of a tolerant keyspace without \`maxStaleness\` ${belowHeartbeats(fields.heartbeat)}`,
      )
    }
  }),
]

const lifetimeRules = [
  rule(['ttl', 'softTtl'], ({ ttl, softTtl }, report) => {
    if (softTtl === undefined || softTtl < ttl) return
    report(['softTtl'], `must be shorter than \`ttl\`, which is ${formatDuration(ttl)}`)
  }),
  rule(['ttl', 'negativeTtl'], ({ ttl, negativeTtl }, report) => {
    if (negativeTtl === undefined || negativeTtl <= ttl) return
    report(['negativeTtl'], `must be at most \`ttl\`, which is ${formatDuration(ttl)}`)
  }),
  rule(['degraded'], ({ degraded }, report) => {
    if (degraded.then !== 'stale' || degraded.maxStaleness !== 0) return
    report(['degraded', 'then'], 'is stale, but nothing may be; give `degraded.maxStaleness` above 0s, or use another')
  }),
]

const originRules = [
  rule(['origin', 'originNames'], ({ origin, originNames }, report) => {
    if (origin === undefined || originNames.includes(origin)) return
    const meant = nearest(origin, originNames)
    const known = originNames.length === 0 ? 'none is defined under `origins`' : `defined: ${originNames.join(', ')}`
    const mend = meant === undefined ? known : `did you mean \`${meant}\`?`
    report(['origin'], `names an origin that is not defined; ${mend}`)
  }),
  rule(['consistency', 'maxStaleness', 'ttl', 'target'], ({ consistency, maxStaleness, ttl, target }, report) => {
    const lag = target?.lag ?? 0
    if (consistency === 'strong' || lag === 0 || lag < (maxStaleness ?? ttl)) return
    report(
      ['origin'],
      `may lag by ${formatDuration(lag)}, which no bound below that can allow for; raise \`maxStaleness\``,
    )
  }),
  rule(['encoding', 'target'], ({ encoding, target }, report) => {
    if (encoding === undefined || target?.encoding === undefined || encoding === target.encoding) return
    report(['encoding'], `is not what its origin writes, ${target.encoding}; remove it, or change that of the origin`)
  }),
  rule(['origin', 'softTtl'], ({ origin, softTtl }, report) => {
    if (origin !== undefined || softTtl === undefined) return
    report(['softTtl'], 'needs an `origin` to refresh from; give one, or remove it')
  }),
  rule(['origin', 'negativeTtl'], ({ origin, negativeTtl }, report) => {
    if (origin !== undefined || (negativeTtl ?? 0) === 0) return
    report(['negativeTtl'], 'needs an `origin` that can say there is no value; give one, or remove it')
  }),
  rule(['origin', 'degraded'], ({ origin, degraded }, report) => {
    if (origin !== undefined || degraded.then !== 'origin') return
    report(['degraded', 'then'], 'is origin, but the keyspace has none; use stale or fail')
  }),
  rule(['target', 'leaseTtl'], ({ target, leaseTtl }, report) => {
    if (target?.timeout === undefined || target.timeout < leaseTtl) return
    const [timeout, ttl] = [formatDuration(target.timeout), formatDuration(leaseTtl)]
    report(['origin'], `may take ${timeout}, but others load a key again after \`lease.ttl\`, ${ttl}; make that longer`)
  }),
  rule(['tenants', 'target'], ({ tenants, target }, report) => {
    if (tenants === 'none') return
    if (target?.type === 'file') report(['tenants'], 'must be none: an origin of type file knows no tenants')
    if (target?.load !== undefined && !usesParameter(target.load, 2)) {
      report(
        ['tenants'],
        "must be none, or the origin's `load` must use $2, the tenant: it would load another's values",
      )
    }
  }),
]

const writeRules = [
  rule(['origin', 'writes'], ({ origin, writes }, report) => {
    if (!changesOrigin(writes) || origin !== undefined) return
    report(['writes'], 'needs an `origin` that stores what is written; give one, or remove it and use Set')
  }),
  rule(['target', 'writes'], ({ target, writes }, report) => {
    if (!changesOrigin(writes)) return
    if (target?.type === 'file') report(['writes'], 'needs an origin that can store, which one of type file cannot')
    if (target?.type === 'postgres' && target.load !== undefined && target.store === undefined) {
      report(['writes'], 'needs an origin that can store; give it a `store` statement')
    }
  }),
  rule(['tenants', 'target', 'writes'], ({ tenants, target, writes }, report) => {
    if (!changesOrigin(writes) || tenants === 'none') return
    if (target?.store !== undefined && !usesParameter(target.store, 3)) {
      report(
        ['tenants'],
        "must be none, or the origin's `store` must use $3, the tenant: it would change another's values",
      )
    }
    if (target?.delete !== undefined && !usesParameter(target.delete, 2)) {
      report(
        ['tenants'],
        "must be none, or the origin's `delete` must use $2, the tenant: it would delete another's values",
      )
    }
  }),
]

const clusterRules = [
  rule(['replicas', 'topology'], ({ replicas, topology }, report) => {
    if (topology !== 'cluster' || replicas.read !== true) return
    const why =
      'how far a replica of a cluster has come stands in another slot than the key, so both cannot be read as one'
    report(['replicas', 'read'], `must be false with \`topology: cluster\`: ${why}`)
  }),
]

const counterRules = [
  rule(['kind', 'softTtl'], ({ kind, softTtl }, report) => {
    if (kind !== 'counter' || softTtl === undefined) return
    report(['softTtl'], 'is not for counters, whose sums a refresh would set back to what the origin has; remove it')
  }),
  rule(['kind', 'compress'], ({ kind, compress }, report) => {
    if (kind !== 'counter' || compress === undefined) return
    report(['compress'], 'is not for counters, whose sums are added to where they are stored; remove it')
  }),
  rule(['kind', 'origin', 'negativeTtl'], ({ kind, origin, negativeTtl }, report) => {
    if (kind !== 'counter' || origin === undefined || negativeTtl !== 0) return
    report(['negativeTtl'], 'must be above 0s for counters: one begins where the origin is known to have none')
  }),
]

export const keyspaceRules = [
  ...counterRules,
  ...clusterRules,
  ...strongRules,
  ...boundRules,
  ...lifetimeRules,
  ...originRules,
  ...writeRules,
  ...behindRules,
  ...warmRules,
]

function belowHeartbeats(heartbeat: number): string {
  return `must be 0s or at least two heartbeats, ${formatDuration(2 * heartbeat)}: staleness is not known any finer`
}

/** Coalescing alone is about counters, whatever their origin. */
function changesOrigin(writes: KeyspaceView['writes']): boolean {
  return writes !== undefined && (writes.strategy !== undefined || writes.coalesce === undefined)
}
