import { createHash } from 'node:crypto'
import type { Chance } from '../base/chance.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { ShardRead } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import type { AuditedAgainst, AuditResult, AuditTally } from './audit-tally.ts'
import { type Answer, NOBODY } from './cache.ts'
import type { Loads } from './loads.ts'
import type { Lookup } from './lookup.ts'
import { Sampling } from './sampling.ts'
import type { TagStamps } from './tag-stamps.ts'

export interface AuditorOptions {
  /** Of the answers, 0 to 1: how many are compared with what their home shard holds; 0 = none. */
  readonly share: number
  /** Of those, 0 to 1: how many are compared with the origin too. */
  readonly originShare: number
  readonly perSecond: number
}

export interface AuditorParts {
  readonly store: Tier
  readonly loads: Loads
  readonly keyspaces: { isCurrent(physicalKey: string): boolean }
  readonly stamps: TagStamps
  readonly tally: AuditTally
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** An answer to be audited. */
interface Sample {
  readonly lookup: Lookup
  readonly version: number
  /** Of the answer's content, where it is to be compared with the origin. */
  readonly digest: string | undefined
}

/** The cache held something else than the origin said. */
interface Suspicion extends Sample {
  readonly digest: string
  /** What the origin said. */
  readonly other: string
  /** The origin had that by then, on the monotonic clock. */
  readonly differsSince: number
}

/** Further audits than these that wait for their turn, or for their second look, are skipped. */
const MOST_WAITING = 64
const MOST_SUSPICIONS = 64
/** What an application may take from its commit to its invalidation, beyond the bound. */
const GRACE_MS = 1_000
/** Under a longer bound nothing can be held against an answer in time that is worth waiting for. */
const LONGEST_WAIT_MS = 86_400_000
/** By less than this a server's clock and ours run apart between two heartbeats. */
const DRIFT_MS = 50
/** Between two lines in the log of one keyspace. */
const LOG_EVERY_MS = 60_000

/**
 * Checks the freshness contract where it counts, on answers that readers were given: behind them, a few a second, one
 * after the other. It only looks: nothing is filled, admitted or mended.
 *
 * Against the home shard: a version is never below the server's TIME at which it was stored, so a newer one that is
 * found proves since when, at the latest, the answer was overtaken. If that is further back than the bound, the bound
 * was broken: an invalidation did not arrive, or somebody vouched for what was no longer so.
 *
 * Against the origin: another content alone proves nothing, since its invalidation may be on its way. If the same
 * version still stands in the shard after the bound and a grace, and the origin still says the same other thing, then
 * somebody changed it without an invalidation.
 */
export class Auditor {
  readonly #options: AuditorOptions
  readonly #parts: AuditorParts
  readonly #hits: Sampling
  readonly #deep: Sampling
  readonly #waiting: (Sample | Suspicion)[] = []
  readonly #suspicions = new Set<Timer>()
  readonly #loggedAt = new Map<string, number>()
  /** Set while a turn is to come or under way. */
  #turn: Timer | undefined
  #closed = false

  constructor(options: AuditorOptions, parts: AuditorParts) {
    this.#options = options
    this.#parts = parts
    this.#hits = new Sampling(options.share, parts.chance)
    this.#deep = new Sampling(options.originShare, parts.chance)
  }

  /** Whether the next answer is to be audited: on the path of every answer, and mostly no more than one comparison. */
  takes(): boolean {
    return this.#hits.takes()
  }

  /** Notes an answer that is to be audited, and returns at once. */
  take(lookup: Lookup, answer: Answer): void {
    // What comes from the origin is no hit; an answer that is degraded says itself that it promises nothing.
    if (this.#closed || answer.outcome === 'miss' || answer.source === 'origin' || answer.degraded) return
    if (this.#waiting.length >= MOST_WAITING) {
      this.#count(lookup, 'shard', 'skipped')
      return
    }
    const isDeep = this.#isOldEnough(lookup, answer) && this.#deep.takes()
    this.#waiting.push({
      // The call is over by then: nothing of it is kept.
      lookup: { ...lookup, reader: NOBODY, answerBy: Number.POSITIVE_INFINITY, gather: undefined },
      version: answer.version,
      digest: isDeep ? digestOf(answer) : undefined,
    })
    this.#wake()
  }

  close(): void {
    this.#closed = true
    this.#turn?.cancel()
    for (const timer of this.#suspicions) timer.cancel()
    this.#suspicions.clear()
    this.#waiting.length = 0
  }

  /** A value that was loaded just now has hardly changed since, and the database is not asked for it again so soon. */
  #isOldEnough({ policy, begunAt }: Lookup, { version, loadedAt }: Answer): boolean {
    const waitMs = settledAfterMs(policy)
    // Sums, and what waits for its origin, are to differ from what that has.
    if (policy.kind === 'counter' || policy.writes === 'write-behind') return false
    return policy.origin !== undefined && version > 0 && waitMs <= LONGEST_WAIT_MS && begunAt - loadedAt >= waitMs
  }

  #wake(): void {
    if (this.#turn !== undefined || this.#waiting.length === 0 || this.#closed) return
    this.#turn = this.#parts.clock.after(1_000 / this.#options.perSecond, () => void this.#next())
  }

  async #next(): Promise<void> {
    const next = this.#waiting.shift()
    try {
      if (next !== undefined) await ('other' in next ? this.#lookAgain(next) : this.#audit(next))
    } finally {
      this.#turn = undefined
      this.#wake()
    }
  }

  async #audit(sample: Sample): Promise<void> {
    const { lookup, version, digest } = sample
    const read = await this.#read(lookup, 'shard')
    if (read === undefined) return
    const staleMs = this.#staleMs(sample, read)
    const boundMs = lookup.begunAt - lookup.notBefore
    if (staleMs === undefined) this.#count(lookup, 'shard', 'unknown')
    else if (staleMs === 0) this.#count(lookup, 'shard', 'current', 0)
    else if (staleMs <= boundMs + DRIFT_MS) this.#count(lookup, 'shard', 'overtaken', staleMs)
    else this.#violated(lookup, 'shard', version, staleMs)
    if (digest !== undefined && read.found && read.entry.version === version) await this.#compare({ ...sample, digest })
  }

  async #compare(sample: Sample & { readonly digest: string }): Promise<void> {
    const { lookup, digest } = sample
    const other = await this.#load(lookup)
    if (other === undefined) return
    if (other === digest) this.#count(lookup, 'origin', 'current')
    else if (this.#suspicions.size >= MOST_SUSPICIONS) this.#count(lookup, 'origin', 'skipped')
    else this.#suspect({ ...sample, other, differsSince: this.#parts.clock.now() })
  }

  /** By how much the answer was stale at least when its read began; `undefined` where nothing tells. */
  #staleMs({ lookup, version }: Sample, read: ShardRead): number | undefined {
    const present = read.found ? read.entry.version : read.version
    if (version === 0 || present < version) return undefined
    if (present === version) return 0
    // An entry of an older epoch may have its version from another server's clock.
    if (read.found && read.asOf < read.sentAt) return undefined
    const nowUs = this.#parts.store.home(lookup.physicalKey).serverUs()
    if (nowUs === undefined) return undefined
    const storedBy = this.#parts.clock.now() - (nowUs - present) / 1_000
    return Math.max(0, lookup.begunAt - storedBy)
  }

  #suspect(suspicion: Suspicion): void {
    if (this.#closed) return
    const timer = this.#parts.clock.after(settledAfterMs(suspicion.lookup.policy), () => {
      this.#suspicions.delete(timer)
      this.#waiting.push(suspicion)
      this.#wake()
    })
    this.#suspicions.add(timer)
  }

  async #lookAgain({ lookup, version, digest, other, differsSince }: Suspicion): Promise<void> {
    const present = await this.#load(lookup)
    if (present === undefined) return
    if (present === digest) return this.#count(lookup, 'origin', 'current')
    // Then the shard: an invalidation that has come meanwhile acquits, and so does a move of the keyspace.
    const read = await this.#read(lookup, 'origin')
    if (read === undefined) return
    if (!read.found || read.entry.version !== version) this.#count(lookup, 'origin', 'overtaken')
    // An origin that says something new each time may be one that never says the same twice, or one that lags.
    else if (present !== other) this.#count(lookup, 'origin', 'unknown')
    else this.#violated(lookup, 'origin', version, read.sentAt - differsSince)
  }

  #count({ policy }: Lookup, against: AuditedAgainst, result: AuditResult, staleMs?: number): void {
    this.#parts.tally.count(policy.name, against, result, staleMs)
  }

  /** Neither key nor value is logged: both may be somebody's secret. */
  #violated(lookup: Lookup, against: AuditedAgainst, version: number, staleMs: number): void {
    this.#count(lookup, against, 'violation', staleMs)
    const { name: keyspace } = lookup.policy
    const now = this.#parts.clock.now()
    if (now - (this.#loggedAt.get(keyspace) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return
    this.#loggedAt.set(keyspace, now)
    const facts = { keyspace, against, version, staleMs: Math.round(staleMs) }
    this.#parts.log.warn(facts, 'audit: an answer was older than its bound; docs/metrics.md tells what may be wrong')
  }

  async #read(lookup: Lookup, against: AuditedAgainst): Promise<ShardRead | undefined> {
    const shard = this.#parts.store.home(lookup.physicalKey)
    const isCurrent = this.#parts.keyspaces.isCurrent(lookup.physicalKey)
    const look = async () => this.#parts.stamps.judgeRead(lookup, await shard.read(lookup.physicalKey))
    if (isCurrent && shard.state().up) return look().catch((error) => this.#failed(lookup, against, error))
    this.#count(lookup, against, isCurrent ? 'skipped' : 'overtaken')
    return undefined
  }

  #load(lookup: Lookup): Promise<string | undefined> {
    const loading = this.#parts.loads.load(lookup, 'audit')
    return loading.then(digestOf).catch((error) => this.#failed(lookup, 'origin', error))
  }

  #failed(lookup: Lookup, against: AuditedAgainst, error: unknown): undefined {
    const { reason } = RingsideError.from(error)
    this.#count(lookup, against, reason === 'ORIGIN_LIMIT' ? 'skipped' : 'failed')
    this.#parts.log.debug({ keyspace: lookup.policy.name, against, reason }, 'audit failed')
  }
}

/** By then, a change that was made before is invalidated, and every answer that was given before has left its bound. */
function settledAfterMs({ boundMs, lagMs }: KeyspacePolicy): number {
  return boundMs + lagMs + GRACE_MS
}

function digestOf({ outcome, value }: Pick<Answer, 'outcome' | 'value'>): string {
  return createHash('sha256').update(outcome).update(value).digest('base64')
}
