import type { Clock } from '../base/clock.ts'
import type { Party, Passenger } from './party.ts'

/** Flights of one key that may be under way at once. */
const MOST_PER_KEY = 2

/** A flight as those who wait for it see it. */
export interface Boarded<Result, On extends Party> {
  readonly party: On
  readonly result: Promise<Result>
}

interface Flight<Result, On extends Party> extends Boarded<Result, On> {
  /** When it departed; `undefined` while it waits for its turn. */
  departedAt: number | undefined
  readonly depart: () => void
}

interface Route<Result, On extends Party> {
  readonly flying: Set<Flight<Result, On>>
  /** The one to join: the last that departed, or the one that waits to. */
  newest: Flight<Result, On> | undefined
}

export interface FlightStats {
  readonly started: number
  readonly joined: number
}

/**
 * Single-flight with a freshness rule: a caller shares a call in progress only if that departed no earlier than the
 * caller can bear; otherwise it joins or opens the *next* one. One younger flight may overtake a slow older one; further
 * callers gather on a flight that departs when either has landed, so that a key never has more than two calls under way.
 *
 * A flight belongs to nobody: that its first caller has hung up does not end it.
 */
export class Flights<Result, On extends Party = Party> {
  readonly #clock: Clock
  readonly #newParty: (passenger: Passenger) => On
  readonly #routes = new Map<string, Route<Result, On>>()
  #started = 0
  #joined = 0

  constructor(clock: Clock, newParty: (passenger: Passenger) => On) {
    this.#clock = clock
    this.#newParty = newParty
  }

  stats(): FlightStats {
    return { started: this.#started, joined: this.#joined }
  }

  /** Joins a flight that departed at `notBefore` or later (monotonic ms), or flies `call`. Its result settles as the flight does. */
  board(
    key: string,
    notBefore: number,
    passenger: Passenger,
    call: (party: On) => Promise<Result>,
  ): Boarded<Result, On> {
    let route = this.#routes.get(key)
    if (route === undefined) {
      route = { flying: new Set(), newest: undefined }
      this.#routes.set(key, route)
    }
    const { newest } = route
    if (newest !== undefined && (newest.departedAt === undefined || newest.departedAt >= notBefore)) {
      this.#joined += 1
      newest.party.join(passenger)
      return newest
    }
    const flight = this.#plan(key, route, this.#newParty(passenger), call)
    if (route.flying.size < MOST_PER_KEY) flight.depart()
    return flight
  }

  /** Lets nobody join what has departed so far: the next caller flies anew. */
  part(key: string): void {
    const route = this.#routes.get(key)
    if (route?.newest?.departedAt !== undefined) route.newest = undefined
  }

  #plan(key: string, route: Route<Result, On>, party: On, call: (party: On) => Promise<Result>): Flight<Result, On> {
    this.#started += 1
    const { promise, resolve, reject } = deferred<Result>()
    const flight: Flight<Result, On> = {
      departedAt: undefined,
      party,
      result: promise,
      depart: () => {
        flight.departedAt = this.#clock.now()
        route.flying.add(flight)
        call(party).then(
          (result) => {
            resolve(result)
            this.#land(key, route, flight)
          },
          (error: unknown) => {
            reject(error)
            this.#land(key, route, flight)
          },
        )
      },
    }
    route.newest = flight
    return flight
  }

  #land(key: string, route: Route<Result, On>, flight: Flight<Result, On>): void {
    route.flying.delete(flight)
    const { newest } = route
    if (newest === flight) route.newest = undefined
    else if (newest !== undefined && newest.departedAt === undefined) newest.depart()
    if (route.flying.size === 0 && route.newest === undefined) this.#routes.delete(key)
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
