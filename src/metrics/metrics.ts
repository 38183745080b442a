import { collectDefaultMetrics, Registry } from 'prom-client'
import type { AuditStats } from '../cache/audit-tally.ts'
import type { ReadPathStats } from '../cache/read-path-stats.ts'

import { auditMetrics } from './audit-metrics.ts'
import { backlogMetrics, type ScrapedBacklogs } from './backlog-metrics.ts'
import { breakerMetrics, type ScrapedBreaker } from './breaker-metrics.ts'
import { configMetrics, type ScrapedReloads } from './config-metrics.ts'
import { type EngineStats, engineMetrics } from './engine-metrics.ts'
import { eventMetrics, type ScrapedEvents } from './event-metrics.ts'
import { flushMetrics, type ScrapedFlush } from './flush-metrics.ts'
import { hotKeyMetrics, type ScrapedHotKeys } from './hot-key-metrics.ts'
import { journalMetrics } from './journal-metrics.ts'
import { keyspaceMetrics, type ScrapedKeyspaces } from './keyspace-metrics.ts'
import { lockMetrics, type ScrapedLocks } from './lock-metrics.ts'
import { type NearSums, nearMetrics } from './near-metrics.ts'
import { originMetrics, type ScrapedOrigin } from './origin-metrics.ts'
import { packingMetrics, type ScrapedPacking } from './packing-metrics.ts'
import { processMetrics } from './process-metrics.ts'
import { readPathMetrics } from './read-path-metrics.ts'
import { type RequestSources, requestMetrics } from './request-metrics.ts'
import { ringMetrics, type ScrapedRing } from './ring-metrics.ts'
import { registerScraped } from './scraped.ts'
import { type ScrapedShard, shardMetrics } from './shard-metrics.ts'
import { type ScrapedShare, shareMetrics } from './share-metrics.ts'
import { type ScrapedWarming, warmMetrics } from './warm-metrics.ts'

/** Where the numbers live. All are read at the scrape, so that shards and origins may come and go. */
export interface MetricSources extends RequestSources {
  readonly engine: () => EngineStats | undefined
  readonly near: () => NearSums
  readonly readPath: () => ReadPathStats
  readonly hotKeys: ScrapedHotKeys
  readonly locks?: ScrapedLocks | undefined
  readonly keyspaceVersions: ScrapedKeyspaces
  readonly audits: () => ReadonlyMap<string, AuditStats>
  readonly shards: () => readonly ScrapedShard[]
  readonly ring: ScrapedRing
  readonly packing: ScrapedPacking
  readonly backlogs: ScrapedBacklogs
  readonly flush?: ScrapedFlush | undefined
  readonly origins: () => readonly ScrapedOrigin[]
  readonly breakers: () => readonly ScrapedBreaker[]
  readonly shares: () => readonly ScrapedShare[]
  readonly events: () => readonly ScrapedEvents[]
  readonly reloads: ScrapedReloads
  readonly warming: ScrapedWarming
}

export interface Metrics {
  readonly contentType: string
  /** All metrics, in the text format of Prometheus. */
  render(): Promise<string>
}

/** The metrics of one sidecar, listed in `docs/metrics.md`, and those of its process. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  registerScraped(registry, [
    ...requestMetrics(sources),
    ...engineMetrics(sources.engine),
    ...nearMetrics(sources.near),
    ...readPathMetrics(sources.readPath),
    ...hotKeyMetrics(sources.hotKeys),
    ...lockMetrics(sources.locks),
    ...keyspaceMetrics(sources.keyspaceVersions),
    ...auditMetrics(sources.audits),
    ...shardMetrics(sources.shards),
    ...ringMetrics(sources.ring),
    ...journalMetrics(sources.shards),
    ...packingMetrics(sources.packing),
    ...backlogMetrics(sources.backlogs),
    ...flushMetrics(sources.flush),
    ...originMetrics(sources.origins),
    ...shareMetrics(sources.shares),
    ...breakerMetrics(sources.breakers),
    ...eventMetrics(sources.events),
    ...warmMetrics(sources.warming),
    ...configMetrics(sources.reloads),
    ...processMetrics(),
  ])
  collectDefaultMetrics({ register: registry })
  return { contentType: registry.contentType, render: () => registry.metrics() }
}
