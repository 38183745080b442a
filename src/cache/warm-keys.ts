import type { Clock } from '../base/clock.ts'
import { pause } from '../base/clock.ts'
import { type Reason, RingsideError } from '../base/errors.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { Tier } from '../store/tier.ts'
import { NOBODY } from './cache.ts'
import type { LeaseDesk } from './lease-desk.ts'
import type { Loads } from './loads.ts'
import type { Lookup } from './lookup.ts'
import type { WarmResult, WarmTally } from './warm-tally.ts'

/** A key of the keyspace that is warmed. */
export interface WarmKey {
  readonly tenant: string
  readonly key: string
}

export interface WarmKeysOptions {
  readonly keyspace: string
  /** Most keys that are loaded together. */
  readonly batch: number
  /** Most keys a second; `undefined` = as many as there are places for. */
  readonly keysPerSecond: number | undefined
  /** Larger values are not stored. */
  readonly maxValueBytes: number
}

export interface WarmKeysParts {
  readonly keyspaces: Pick<Keyspaces, 'resolve'>
  readonly store: Pick<Tier, 'agrees'>
  readonly leases: Pick<LeaseDesk, 'newToken' | 'acquire' | 'fill' | 'release'>
  readonly loads: Pick<Loads, 'load'>
  readonly clock: Clock
}

/** A key that is not done with yet. */
interface Open extends WarmKey {
  /** How often it has failed for another reason than that its origin had nothing to spare. */
  failures: number
}

/** What may be otherwise in a moment. */
const PASSING: ReadonlySet<Reason> = new Set([
  'SHARD_UNAVAILABLE',
  'ORIGIN_UNAVAILABLE',
  'ORIGIN_LIMIT',
  'LEASE_BUSY',
  'LEASE_LOST',
])
const MOST_FAILURES = 5
const YIELDED_MS = 50
const FAILED_MS = 500
/** When it is looked again after keys that others were loading, all the rest being done: they may have died. */
const ELSEWHERE_MS = 100
/** So often in a second, at least, some are sent for where there is a rate. */
const SLICES_A_SECOND = 10

/**
 * Loads keys that nobody asks for yet, under leases like any reader, in places of their origin that no reader wants. A lease
 * is held for no longer than one load: a reader who comes meanwhile waits for that, and not for a place that is kept free
 * for readers. So where the origin has nothing to spare, leases are given back, and fewer keys are tried at once.
 */
export class WarmKeys {
  readonly #options: WarmKeysOptions
  readonly #parts: WarmKeysParts
  #size: number
  #nextAt = Number.NEGATIVE_INFINITY

  constructor(options: WarmKeysOptions, parts: WarmKeysParts) {
    this.#options = options
    this.#parts = parts
    this.#size = this.#most
  }

  /** Resolves when all are counted, or soon after `signal` was aborted. */
  async run(keys: readonly WarmKey[], tally: WarmTally, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    let open: Open[] = keys.map((key) => ({ ...key, failures: 0 }))
    const elsewhere: Open[] = []
    while (open.length + elsewhere.length > 0 && !signal.aborted) {
      if (open.length === 0) {
        await pause(clock, ELSEWHERE_MS, signal)
        open = elsewhere.splice(0)
      }
      const slice = open.slice(0, this.#size)
      await this.#paced(slice.length, signal)
      if (signal.aborted) return
      const { again, pauseMs, busy } = await this.#warm(slice, tally)
      elsewhere.push(...busy)
      open = [...again, ...open.slice(slice.length)]
      this.#size = pauseMs > 0 ? Math.max(1, this.#size >> 1) : Math.min(this.#most, 2 * this.#size)
      if (pauseMs > 0) await pause(clock, pauseMs, signal)
    }
  }

  get #most(): number {
    const { batch, keysPerSecond = Number.POSITIVE_INFINITY } = this.#options
    return Math.max(1, Math.min(batch, Math.floor(keysPerSecond / SLICES_A_SECOND)))
  }

  async #paced(count: number, signal: AbortSignal): Promise<void> {
    const { keysPerSecond } = this.#options
    if (keysPerSecond === undefined) return
    const { clock } = this.#parts
    const now = clock.now()
    const at = Math.max(now, this.#nextAt)
    this.#nextAt = at + (count / keysPerSecond) * 1_000
    if (at > now) await pause(clock, at - now, signal)
  }

  async #warm(slice: readonly Open[], tally: WarmTally): Promise<{ again: Open[]; busy: Open[]; pauseMs: number }> {
    const again: Open[] = []
    const busy: Open[] = []
    let pauseMs = 0
    const leased = await Promise.all(slice.map((open) => this.#leased(open)))
    // All loads begin in one tick, so that they share queries.
    const ended = await Promise.all(leased.map((one) => (isLeased(one) ? this.#load(one) : one)))
    for (const [place, end] of ended.entries()) {
      const open = slice[place] as Open
      if (end === 'elsewhere') {
        busy.push(open)
        continue
      }
      if (typeof end === 'string') {
        tally.count(end)
        continue
      }
      const { reason } = end
      const isYielded = reason === 'ORIGIN_LIMIT'
      if (!isYielded) open.failures += 1
      if (!PASSING.has(reason) || open.failures === MOST_FAILURES) {
        tally.fail(open.key, end)
        continue
      }
      again.push(open)
      pauseMs = Math.max(pauseMs, isYielded ? YIELDED_MS : FAILED_MS)
    }
    return { again, busy, pauseMs }
  }

  /** The lease under which a key is to be loaded, or what became of it without. */
  async #leased(key: WarmKey): Promise<Leased | WarmResult | 'elsewhere' | RingsideError> {
    const { leases, store, clock } = this.#parts
    try {
      const lookup = this.#lookup(key, clock.now())
      if (lookup.policy.consistency === 'strong' && !store.agrees(lookup.physicalKey)) throw moving()
      const token = leases.newToken()
      const acquired = await leases.acquire(lookup, token, { overtaken: 0 })
      if (acquired.outcome === 'value') return 'present'
      if (acquired.holdMs === 0) return acquired.outcome === 'busy' ? 'elsewhere' : { lookup, token }
      if (acquired.outcome === 'granted') leases.release(lookup, token)
      return held(acquired.holdMs)
    } catch (error) {
      return RingsideError.from(error)
    }
  }

  async #load({ lookup, token }: Leased): Promise<WarmResult | RingsideError> {
    const { leases, loads } = this.#parts
    try {
      const loaded = await loads.load(lookup, 'warm')
      const { outcome } = await leases.fill(lookup, token, loaded)
      if (outcome === 'lost') return overtaken()
      if (loaded.outcome === 'not-found') return 'missing'
      if (outcome === 'filled') return 'loaded'
      return loaded.value.length > this.#options.maxValueBytes ? tooLarge(loaded.value.length) : unstored()
    } catch (error) {
      leases.release(lookup, token)
      return RingsideError.from(error)
    }
  }

  #lookup({ tenant, key }: WarmKey, begunAt: number): Lookup {
    const { keyspace } = this.#options
    const { policy, physicalKey } = this.#parts.keyspaces.resolve({ keyspace, tenant, key })
    const reader = { reader: NOBODY, answerBy: Number.POSITIVE_INFINITY, leastVersion: 0, gather: undefined }
    return { policy, physicalKey, key, tenant, begunAt, notBefore: begunAt - policy.boundMs, ...reader }
  }
}

interface Leased {
  readonly lookup: Lookup
  readonly token: Buffer
}

function isLeased(one: Leased | WarmResult | 'elsewhere' | RingsideError): one is Leased {
  return typeof one === 'object' && 'lookup' in one
}

function moving(): RingsideError {
  return new RingsideError('SHARD_UNAVAILABLE', 'sidecars do not agree yet on where the key lives')
}

function held(holdMs: number): RingsideError {
  const message = 'nothing may be stored under the key: it was changed a moment ago, or is being written'
  return new RingsideError('LEASE_BUSY', message, { retryAfterMs: holdMs })
}

function overtaken(): RingsideError {
  return new RingsideError('LEASE_LOST', 'the key was changed while it was loaded')
}

function tooLarge(bytes: number): RingsideError {
  return new RingsideError(
    'VALUE_TOO_LARGE',
    `the value has ${bytes} bytes, more than limits.value allows to be stored`,
  )
}

function unstored(): RingsideError {
  return new RingsideError('SHARD_UNAVAILABLE', 'the value was loaded, but its shard did not store it')
}
