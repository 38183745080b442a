import type { Clock, Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import type { Share } from '../guard/adaptive-limit.ts'
import { type BudgetAsk, type BudgetGrant, floorOf, type Seat } from './budget.ts'
import type { Shard } from './shard.ts'
import { leaseMsFor, settleMsFor } from './share-times.ts'
import type { Tier } from './tier.ts'

export interface FleetShareOptions {
  readonly origin: string
  /** The control key of the origin's table; its home is the meta shard. */
  readonly key: string
  /** This sidecar's name among all that ask. */
  readonly member: string
  /** What the whole fleet may have under way. */
  readonly limit: number
  /** The largest number of sidecars. */
  readonly fleet: number
  /** Of one call to the origin. */
  readonly timeoutMs: number
  readonly heartbeatMs: number
  readonly rules: Rules
}

export interface FleetShareParts {
  readonly tier: Pick<Tier, 'home' | 'agrees'>
  readonly clock: Clock
  readonly log: Log
  /** Calls under way, and how many there would be if the share allowed it. */
  readonly demand: () => { readonly running: number; readonly wanted: number }
  /** Holds the origin's guard to a share. */
  readonly apply: (share: Share) => void
}

export type AskResult = 'granted' | 'waiting' | 'unanswered'

export interface FleetShareStats {
  readonly origin: string
  readonly asks: Readonly<Record<AskResult, number>>
  /** A lease stands, so that the share may be above the floor. */
  readonly leased: boolean
  readonly seat: Seat
}

/** What is not wanted any more is given back at the third ask. */
const ASKS_REMEMBERED = 3
/** So many asks within a heartbeat, at most, while there is too little or too much. */
const ASKS_PER_HEARTBEAT = 8

/**
 * This sidecar's share of what the fleet may have under way at one origin: asked for with every heartbeat of the meta
 * shard, and in between while it is short. A share is a lease, good from the moment the ask was sent. Without one there
 * is the floor, which needs nobody's leave, except that a newcomer first makes sure that whoever it stands in for has
 * nothing under way any more.
 */
export class FleetShare {
  readonly #options: FleetShareOptions
  readonly #parts: FleetShareParts
  readonly #leaseMs: number
  readonly #settleMs: number
  #startedAt = 0
  #seat: Seat = 'waiting'
  #share: { readonly most: number; readonly until: number } = { most: 0, until: Number.NEGATIVE_INFINITY }
  /** Which shard answered last. */
  #home: string | undefined
  #turn = 0
  #asking: Promise<void> | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  /** The last ask was answered: it makes sense to ask before the next heartbeat. */
  #isHeard = false
  #wants: number[] = []
  #timer: Timer | undefined
  #seatTimer: Timer | undefined
  #closed = false
  readonly #asks: Record<AskResult, number> = { granted: 0, waiting: 0, unanswered: 0 }

  constructor(options: FleetShareOptions, parts: FleetShareParts) {
    this.#options = options
    this.#parts = parts
    this.#leaseMs = leaseMsFor(options.heartbeatMs)
    this.#settleMs = settleMsFor(options.timeoutMs)
    this.#apply()
  }

  get stats(): FleetShareStats {
    const leased = this.#parts.clock.now() < this.#share.until
    return { origin: this.#options.origin, asks: { ...this.#asks }, leased, seat: this.#seat }
  }

  /** Whether the origin may be asked, or at least whether it is no longer a matter of time since the start. */
  get isOpen(): boolean {
    return this.#floor > 0 || this.#asks.granted > 0
  }

  /** Resolves when the first ask is answered, or has failed. */
  start(): Promise<void> {
    const { clock } = this.#parts
    this.#startedAt = clock.now()
    if (!this.#options.rules.floorWaits) this.#seat = 'taken'
    this.#apply()
    this.#seatTimer = clock.after(this.#settleMs, () => {
      if (this.#seat === 'waiting') this.#seat = 'taken'
      this.#apply()
    })
    return this.#ask()
  }

  /** A heartbeat leaves for a shard. */
  beat(shard: string): void {
    if (this.#startedAt > 0 && this.#parts.tier.home(this.#options.key).name === shard) void this.#ask()
  }

  /** Somebody waits for a place at the origin. */
  press(): void {
    if (this.#startedAt > 0 && this.#parts.demand().wanted > this.#current) this.#askSoon()
  }

  /** Gives everything back, once nothing is under way. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#seatTimer?.cancel()
    this.#closed = true
    await this.#asking
    this.#share = { most: 0, until: Number.NEGATIVE_INFINITY }
    this.#seat = 'waiting'
    this.#apply()
    const { running } = this.#parts.demand()
    const home = this.#parts.tier.home(this.#options.key)
    await home.budget({ ...this.#said(home, running, 0), leaves: running === 0 }).catch(() => undefined)
  }

  get #floor(): number {
    return this.#seat === 'taken' ? floorOf(this.#options) : 0
  }

  /** What may be used now. */
  get #current(): number {
    return this.#parts.clock.now() < this.#share.until ? this.#share.most : this.#floor
  }

  #apply(): void {
    const { most, until } = this.#share
    this.#parts.apply({ most: Math.max(most, this.#floor), until, after: this.#floor })
  }

  #askSoon(): void {
    const { clock } = this.#parts
    const intervalMs = this.#options.heartbeatMs / (this.#isHeard ? ASKS_PER_HEARTBEAT : 1)
    const dueMs = this.#askedAt + intervalMs - clock.now()
    if (dueMs <= 0) return void this.#ask()
    this.#timer?.cancel()
    this.#timer = clock.after(dueMs, () => void this.#ask())
  }

  #ask(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    // What one ask says holds until its answer is here.
    this.#asking ??= this.#exchange().finally(() => {
      this.#asking = undefined
      if (!this.#closed && this.#isUnsettled()) this.#askSoon()
    })
    return this.#asking
  }

  async #exchange(): Promise<void> {
    const { clock, tier, demand } = this.#parts
    this.#timer?.cancel()
    this.#askedAt = clock.now()
    const { running, wanted } = demand()
    this.#wants = [wanted, ...this.#wants].slice(0, ASKS_REMEMBERED)
    const wants = Math.max(...this.#wants)
    const home = tier.home(this.#options.key)
    this.#keep(wants)
    const leased = this.#share.until
    try {
      const { grant, sentAt } = await home.budget(this.#said(home, running, wants))
      const from = this.#options.rules.shareFromAsking ? sentAt : clock.now()
      this.#home = home.name
      this.#isHeard = true
      this.#take(grant, from + this.#leaseMs, clock.now() < leased)
    } catch (error) {
      if (!(error instanceof RingsideError)) throw error
      this.#isHeard = false
      this.#asks.unanswered += 1
    }
  }

  /** Lowers what may be used, before the table hears of it. */
  #keep(most: number): void {
    if (this.#share.most <= most) return
    this.#share = { ...this.#share, most: Math.max(most, this.#floor) }
    this.#apply()
  }

  #said(home: Shard, running: number, wants: number): BudgetAsk {
    const { key, member, limit, fleet } = this.#options
    this.#turn += 1
    return {
      key,
      member,
      turn: this.#turn,
      limit,
      fleet,
      running,
      // What was lent elsewhere is not to be renewed here: the table there may go on lending it.
      share: this.#hasMovedTo(home) ? this.#floor : this.#current,
      wants,
      seated: this.#seat === 'taken',
      leaseMs: this.#leaseMs,
      settleMs: this.#settleMs,
      moved: this.#hasMovedTo(home) || !this.#parts.tier.agrees(key),
      leaves: false,
    }
  }

  #hasMovedTo({ name }: Shard): boolean {
    return this.#home !== undefined && this.#home !== name
  }

  #take(grant: BudgetGrant, until: number, isUnbroken: boolean): void {
    if (grant.outcome === 'late') return
    this.#asks[grant.waitsMs > 0 ? 'waiting' : 'granted'] += 1
    this.#sit(grant.seat)
    // What a new table renews is what was claimed; in the meantime that may have run out, and gone to others before.
    if (grant.waitsMs === 0 || isUnbroken) this.#share = { most: grant.share, until }
    this.#apply()
  }

  #sit(seat: Seat): void {
    const { clock, log } = this.#parts
    const { origin, fleet } = this.#options
    const before = this.#seat
    if (before === 'taken') return
    const hasWaited = clock.now() >= this.#startedAt + this.#settleMs
    this.#seat = seat === 'waiting' && hasWaited ? 'taken' : seat
    if (this.#seat === 'beyond' && before !== 'beyond') {
      log.error({ origin, fleet }, 'more sidecars than `fleet` says ask this origin; this one has no share of its own')
    }
  }

  /** There is less than is wanted, or more under way than may be, which others wait for. */
  #isUnsettled(): boolean {
    const { running, wanted } = this.#parts.demand()
    return wanted > this.#current || running > this.#current
  }
}
