import type { Clock } from '../base/clock.ts'
import { Expiries } from '../guard/expiries.ts'
import { FairQueue } from '../guard/fair-queue.ts'
import type { Loaded, LoadRequest } from './origin.ts'
import type { OriginRefusal } from './refusal.ts'
import { Wanted } from './wanted.ts'

export interface LoadQueueOptions {
  /** Most time from being wanted to being answered. */
  readonly timeoutMs: number
  /** Most keys that wait; what is wanted in one tick counts only once it could not leave. */
  readonly maxWaiting: number
}

export interface LoadQueueParts {
  readonly clock: Clock
  /** How long a load takes of late; 0 while that is unknown. */
  readonly typicalMs: () => number
  readonly refuse: (wanted: Wanted, why: OriginRefusal) => void
}

/**
 * Keys that wait for a place at an origin. They become queries only when a place is free, so that a query is the fuller
 * the longer the origin keeps them waiting (adaptive batching, as in Clipper, NSDI 2017).
 *
 * A key waits as long as it can still be answered in time: until the latest moment at which one of its readers should
 * have an answer, less the time that a load takes of late. What is past that only stands in the way of what is not.
 * (Maurer, "Fail at Scale", ACM Queue 13(8), 2015.) When too many wait, whoever has most waiting gives way.
 */
export class LoadQueue {
  readonly #options: LoadQueueOptions
  readonly #parts: LoadQueueParts
  readonly #order = new FairQueue<Wanted>()
  readonly #expiries: Expiries<Wanted>
  /** All of them, in the order in which they came. */
  readonly #byName = new Map<string, Wanted>()
  /** Of the present tick. */
  #newcomers = new Set<Wanted>()
  #sweptAtMs = 0

  constructor(options: LoadQueueOptions, parts: LoadQueueParts) {
    this.#options = options
    this.#parts = parts
    this.#expiries = new Expiries(parts.clock, (wanted) => this.#expire(wanted))
  }

  get size(): number {
    return this.#byName.size
  }

  /** The answer for a key, once it has been taken and asked for; rejects with what `refuse` ends it with. */
  want(request: LoadRequest): Promise<Loaded> {
    const wanted = this.#byName.get(nameOf(request)) ?? this.#add(request)
    wanted.join(request.party)
    if (this.#order.has(wanted)) this.#replace(wanted)
    return wanted.answer
  }

  /**
   * Takes all that came in this tick, as queries of 1 to `most` keys, where nobody waits before them and they are no more
   * than `room`; none otherwise. Most loads go this way, and pay for no place in a line.
   */
  takeNewcomers(most: number, room: number): readonly (readonly Wanted[])[] {
    if (this.#order.size > 0) return []
    const queries: Wanted[][] = []
    const open = new Map<string, Wanted[]>()
    for (const wanted of this.#newcomers) {
      let query = open.get(wanted.scopeName)
      if (query === undefined || query.length === most) {
        query = []
        open.set(wanted.scopeName, query)
        queries.push(query)
      }
      query.push(wanted)
    }
    if (queries.length > room) return []
    this.#newcomers.clear()
    this.#byName.clear()
    return queries
  }

  /** At most `most` keys of one scope that are to leave now; none only when nothing waits, or `most` is 0. */
  take(most: number): readonly Wanted[] {
    this.#lineUp()
    const inTime: Wanted[] = []
    while (most > 0) {
      const taken = this.#order.take(most)
      for (const wanted of taken) {
        this.#byName.delete(wanted.name)
        this.#expiries.delete(wanted)
        // What has just come goes as long as there is room: if too late for its reader, then for the next one.
        if (this.#newcomers.delete(wanted) || !this.#isLate(wanted)) inTime.push(wanted)
        else this.#parts.refuse(wanted, 'deadline')
      }
      if (inTime.length > 0 || taken.length === 0) break
    }
    return inTime
  }

  /** To be called when nothing more can leave in this tick: what has come in it and stays, waits from now on. */
  settle(): void {
    this.#lineUp()
    const newcomers = this.#newcomers
    this.#newcomers = new Set()
    for (const wanted of newcomers) if (this.#isLate(wanted)) this.#drop(wanted, 'hopeless')
    if (this.size > this.#options.maxWaiting) this.#sweep()
    while (this.size > this.#options.maxWaiting) {
      const hog = this.#order.hog() as Wanted
      this.#drop(hog, newcomers.has(hog) ? 'limit' : 'displaced')
    }
    for (const wanted of newcomers) if (this.#order.has(wanted)) this.#expiries.add(wanted, this.#leaveBy(wanted))
  }

  refuseAll(why: OriginRefusal): void {
    for (const wanted of [...this.#byName.values()]) this.#drop(wanted, why)
    this.#newcomers.clear()
  }

  #add(request: LoadRequest): Wanted {
    const wanted = new Wanted(request, nameOf(request), this.#parts.clock.now())
    this.#byName.set(wanted.name, wanted)
    this.#newcomers.add(wanted)
    return wanted
  }

  #lineUp(): void {
    for (const wanted of this.#newcomers) {
      if (this.#order.has(wanted)) continue
      wanted.watch(() => this.#replace(wanted))
      for (const caller of wanted.callers()) this.#order.put(wanted, caller)
    }
  }

  /** Those who want it have become more. */
  #replace(wanted: Wanted): void {
    for (const caller of wanted.callers()) this.#order.put(wanted, caller)
    this.#order.moved(wanted)
  }

  #expire(wanted: Wanted): void {
    // Meanwhile somebody may have joined who can wait longer, or loads may have become faster.
    if (this.#isLate(wanted)) this.#drop(wanted, 'deadline')
    else this.#expiries.add(wanted, this.#leaveBy(wanted))
  }

  /** Loads that have become slower make those late whose timers are still to fire. */
  #sweep(): void {
    const before = this.#sweptAtMs
    this.#sweptAtMs = this.#parts.typicalMs()
    if (this.#sweptAtMs <= before) return
    for (const wanted of [...this.#order.items()]) if (this.#isLate(wanted)) this.#drop(wanted, 'deadline')
  }

  #isLate(wanted: Wanted): boolean {
    return this.#parts.clock.now() >= this.#leaveBy(wanted)
  }

  #leaveBy({ wantedAt, answerBy }: Wanted): number {
    return Math.min(wantedAt + this.#options.timeoutMs, answerBy) - this.#parts.typicalMs()
  }

  #drop(wanted: Wanted, why: OriginRefusal): void {
    this.#order.delete(wanted)
    this.#byName.delete(wanted.name)
    this.#expiries.delete(wanted)
    this.#parts.refuse(wanted, why)
  }
}

/** Neither part of a scope may contain a colon. */
function nameOf({ keyspace, tenant, key }: LoadRequest): string {
  return `${keyspace}:${tenant}:${key}`
}
