import { type BucketCounts, Buckets } from '../base/buckets.ts'
import { STALENESS_BOUNDS_S } from './read-tally.ts'

/**
 * What an audit says of an answer. `current`: nothing newer was there when its read began, as far as can be proven;
 * `overtaken`: something newer was, but within the bound, or has come since; `violation`: for longer than the bound;
 * `unknown`: no trace is left that tells; `failed`: shard or origin gave no answer; `skipped`: not asked, because it was
 * in trouble, or too many audits waited.
 */
export const AUDIT_RESULTS = ['current', 'overtaken', 'violation', 'unknown', 'failed', 'skipped'] as const
export type AuditResult = (typeof AUDIT_RESULTS)[number]

export const AUDITED_AGAINST = ['shard', 'origin'] as const
export type AuditedAgainst = (typeof AUDITED_AGAINST)[number]

/** Audits of one keyspace since the start; all numbers only grow. */
export interface AuditStats extends Readonly<Record<AuditedAgainst, Readonly<Record<AuditResult, number>>>> {
  /** Seconds by which the audited answers were stale at least, when their reads began. */
  readonly staleness: BucketCounts
}

const none = (): Record<AuditResult, number> => ({
  current: 0,
  overtaken: 0,
  violation: 0,
  unknown: 0,
  failed: 0,
  skipped: 0,
})

/** Counts, per configured keyspace, what the audits said. */
export class AuditTally {
  readonly #byKeyspace = new Map<string, { shard: Tally; origin: Tally; staleness: Buckets }>()

  constructor(keyspaces: readonly string[]) {
    for (const name of keyspaces) this.know(name)
  }

  know(keyspace: string): void {
    if (this.#byKeyspace.has(keyspace)) return
    this.#byKeyspace.set(keyspace, { shard: none(), origin: none(), staleness: new Buckets(STALENESS_BOUNDS_S) })
  }

  get keyspaces(): ReadonlyMap<string, AuditStats> {
    return this.#byKeyspace
  }

  /** `staleMs`: by how much the answer was stale at least; `undefined` where the audit says nothing of that. */
  count(keyspace: string, against: AuditedAgainst, result: AuditResult, staleMs?: number): void {
    const tally = this.#byKeyspace.get(keyspace)
    if (tally === undefined) throw new Error(`no keyspace ${keyspace} to count for`)
    tally[against][result] += 1
    if (staleMs !== undefined) tally.staleness.add(staleMs / 1_000)
  }
}

type Tally = Record<AuditResult, number>
