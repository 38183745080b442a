import type { Clock, Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Origin } from '../origin/origin.ts'
import type { FleetErrands } from './fleet-errands.ts'
import type { HotKeys } from './hot-keys.ts'
import { WarmKeys, type WarmKeysParts } from './warm-keys.ts'
import { hotKeys, listedKeys, queriedKeys, type WarmPages } from './warm-sources.ts'
import { WARM_RESULTS, type WarmProgress, type WarmResult, WarmTally } from './warm-tally.ts'

export interface WarmAsk {
  readonly keyspace: string
  readonly tenant: string
  readonly source: { readonly from: 'keys'; readonly keys: readonly string[] } | { readonly from: 'query' | 'hot' }
  /** The cursor of one that was cut short; empty = from the first. */
  readonly after: string
  /** `undefined` = as many as there are places for. */
  readonly keysPerSecond: number | undefined
}

export interface WarmCaller {
  /** It does not want any more. */
  readonly signal: AbortSignal
  /** Told of how far it is, twice a second. */
  readonly onProgress: (progress: WarmProgress) => void
}

export interface WarmingOptions {
  readonly maxValueBytes: number
  /** Most keys in one load of an origin. */
  readonly batchOf: (origin: string) => number
}

export interface WarmingParts extends Omit<WarmKeysParts, 'keyspaces'> {
  readonly keyspaces: Pick<Keyspaces, 'resolve' | 'resolveTag' | 'policy'>
  readonly origins: ReadonlyMap<string, Origin>
  readonly hotKeys: Pick<HotKeys, 'hottest'>
  readonly errands: Pick<FleetErrands, 'begin'>
  readonly clock: Clock
  readonly log: Log
}

interface Run {
  readonly ask: WarmAsk
  readonly policy: KeyspacePolicy
  readonly tally: WarmTally
  readonly signal: AbortSignal
}

const TOLD_EACH_MS = 500

/** Loads keys before anybody asks for them: one keyspace at a time in the whole fleet, as far as its origin has places to spare. */
export class Warming {
  readonly #options: WarmingOptions
  readonly #parts: WarmingParts
  readonly #closing = new AbortController()
  readonly #results = new Map<string, Record<WarmResult, number>>()
  readonly #running = new Set<string>()

  constructor(options: WarmingOptions, parts: WarmingParts) {
    this.#options = options
    this.#parts = parts
  }

  /** Of each keyspace that was warmed: what became of its keys, and whether it is being warmed. */
  stats(): readonly (readonly [keyspace: string, Readonly<Record<WarmResult, number>>, isRunning: boolean])[] {
    return [...this.#results].map(([keyspace, results]) => [keyspace, results, this.#running.has(keyspace)])
  }

  /**
   * Resolves when all keys are done. Rejects with `KEYSPACE_UNKNOWN`, `TENANT_INVALID`, `KEYSPACE_KIND` or `ARGUMENT_INVALID` for what
   * cannot be warmed, with `ERRAND_UNDER_WAY` while another does it, with `CANCELLED` when its caller has gone or the sidecar
   * ends, with `LOCK_LOST` when others may have begun, and with `ORIGIN_UNAVAILABLE` or `SHARD_UNAVAILABLE`.
   */
  async run(ask: WarmAsk, { signal: gone, onProgress }: WarmCaller): Promise<WarmProgress> {
    const { policy, origin } = this.#target(ask)
    const ending = AbortSignal.any([gone, this.#closing.signal])
    const errand = await this.#parts.errands.begin(`warm:${ask.keyspace}`, ending)
    const signal = AbortSignal.any([ending, errand.lost])
    const counts = this.#countsOf(ask.keyspace)
    const tally = new WarmTally(this.#parts.clock, ask.after, (result) => {
      counts[result] += 1
    })
    const telling = this.#tell(() => onProgress(tally.progress()))
    this.#running.add(ask.keyspace)
    try {
      const pages = await this.#pages(ask, origin)
      await this.#warm(pages, { ask, policy, tally, signal })
      if (signal.aborted) throw this.#ended(errand.lost, gone)
      return tally.progress()
    } finally {
      telling.cancel()
      this.#running.delete(ask.keyspace)
      await errand.end()
    }
  }

  /** Nothing is warmed any more. */
  close(): void {
    this.#closing.abort()
  }

  async #warm(pages: WarmPages, { ask, policy, tally, signal }: Run): Promise<void> {
    const { maxValueBytes, batchOf } = this.#options
    const { keyspace, keysPerSecond } = ask
    const options = { keyspace, keysPerSecond, maxValueBytes, batch: batchOf(policy.origin ?? '') }
    const keys = new WarmKeys(options, this.#parts)
    tally.total = pages.total
    for await (const page of pages.read(signal)) {
      await keys.run(page.keys, tally, signal)
      if (signal.aborted) return
      tally.reach(page.cursor)
    }
  }

  #target({ keyspace, tenant, source }: WarmAsk): { readonly policy: KeyspacePolicy; readonly origin: Origin } {
    const { keyspaces, origins } = this.#parts
    const policy = keyspaces.policy(keyspace)
    // Throws for a tenant that is none, whatever the keys are; hot ones have their own.
    if (source.from !== 'hot') keyspaces.resolveTag({ keyspace, tenant, tag: 'any' })
    if (policy.kind === 'counter') {
      throw new RingsideError('KEYSPACE_KIND', `keyspace ${keyspace} has counters, which are loaded from nowhere`)
    }
    const origin = origins.get(policy.origin ?? '')
    if (origin === undefined) throw invalid('keyspace', `keyspace ${keyspace} has no origin to load from; use Set`)
    return { policy, origin }
  }

  async #pages({ keyspace, tenant, source, after }: WarmAsk, { name, list }: Origin): Promise<WarmPages> {
    switch (source.from) {
      case 'keys':
        return listedKeys(tenant, source.keys, after)
      case 'hot':
        return hotKeys(this.#parts.hotKeys, keyspace, tenant)
      case 'query':
        if (list !== undefined) return queriedKeys({ keyspace, tenant, after }, list, this.#parts.clock)
        throw invalid('source', `origin ${name} has no \`warm\` statement that yields its keys; add one, or name keys`)
    }
  }

  #tell(tell: () => void): Timer {
    const { clock } = this.#parts
    let timer: Timer
    const next = () => {
      timer = clock.after(TOLD_EACH_MS, () => {
        tell()
        next()
      })
    }
    next()
    return { cancel: () => timer.cancel() }
  }

  #countsOf(keyspace: string): Record<WarmResult, number> {
    const known = this.#results.get(keyspace)
    if (known !== undefined) return known
    const counts = Object.fromEntries(WARM_RESULTS.map((result) => [result, 0])) as Record<WarmResult, number>
    this.#results.set(keyspace, counts)
    return counts
  }

  #ended(lost: AbortSignal, gone: AbortSignal): RingsideError {
    if (gone.aborted) return new RingsideError('CANCELLED', 'the caller hung up while keys were warmed')
    if (lost.aborted) return RingsideError.from(lost.reason)
    return new RingsideError('CANCELLED', 'the sidecar ends; go on through another from the last cursor')
  }
}

function invalid(field: string, message: string): RingsideError {
  return new RingsideError('ARGUMENT_INVALID', message, { metadata: { field } })
}
