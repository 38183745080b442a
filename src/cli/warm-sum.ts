import type { WarmFailure__Output } from '../gen/ringside/v1/WarmFailure.ts'
import type { WarmProgress__Output } from '../gen/ringside/v1/WarmProgress.ts'

type Counts = Pick<WarmProgress__Output, 'loaded' | 'present' | 'missing' | 'failed'>

const FAILURES_SHOWN = 10

/** What several calls of one warming come to: those of the slices of a file, and those that took up what had broken off. */
export class WarmSum {
  /** Keys in all; `undefined` = as the calls say. */
  total: number | undefined
  #before: Counts = { loaded: 0, present: 0, missing: 0, failed: 0 }
  #failures: readonly WarmFailure__Output[] = []
  /** Settled by a call that broke off, and settled again by the next, which finds them present. */
  #twice = 0
  #call: WarmProgress__Output | undefined

  get loaded(): number {
    return this.#before.loaded + (this.#call?.loaded ?? 0)
  }

  get present(): number {
    const present = this.#call?.present ?? 0
    return this.#before.present + present - Math.min(this.#twice, present)
  }

  get missing(): number {
    return this.#before.missing + (this.#call?.missing ?? 0)
  }

  get failed(): number {
    return this.#before.failed + (this.#call?.failed ?? 0)
  }

  get done(): number {
    return this.loaded + this.present + this.missing + this.failed
  }

  get keysPerSecond(): number {
    return this.#call?.keys_per_second ?? 0
  }

  /** `undefined` while nobody knows. */
  get all(): number | undefined {
    if (this.total !== undefined) return this.total
    const ofCall = this.#call?.total ?? 0
    return ofCall === 0 ? undefined : countOf(this.#before) + ofCall - this.#twice
  }

  /** `undefined` while nobody knows. */
  get leftMs(): number | undefined {
    const { all, done, keysPerSecond } = this
    return all === undefined || keysPerSecond === 0 ? undefined : (Math.max(0, all - done) / keysPerSecond) * 1_000
  }

  /** The first of those that failed. */
  get failures(): readonly WarmFailure__Output[] {
    return [...this.#failures, ...(this.#call?.failures ?? [])].slice(0, FAILURES_SHOWN)
  }

  /** A call is so far. */
  during(call: WarmProgress__Output): this {
    this.#call = call
    return this
  }

  /** A call has come to its end. */
  add(call: WarmProgress__Output): void {
    this.during(call)
    this.#fold()
    this.#twice = 0
  }

  /** A call has broken off; `told`: what it said last, if it said anything. */
  interrupt(told: WarmProgress__Output | undefined): void {
    if (told === undefined) return
    this.during(told)
    this.#fold()
    this.#twice = Math.max(0, this.#twice - told.present) + countOf(told) - told.done_at_cursor
  }

  #fold(): void {
    const { loaded, present, missing, failed, failures } = this
    this.#before = { loaded, present, missing, failed }
    this.#failures = failures
    this.#call = undefined
  }
}

function countOf({ loaded, present, missing, failed }: Counts): number {
  return loaded + present + missing + failed
}
