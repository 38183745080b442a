import type { Clock } from '../base/clock.ts'

/** A copy is filled anew after so long at the latest, however old an answer may be; so long after it has lost them a key may still have some. */
export const LONGEST_COPY_LIFE_MS = 10_000

/** How many copies a key has. */
export interface CopyCount {
  readonly key: string
  readonly copies: number
}

interface Told {
  readonly copies: number
  /** The most that it had before, and until when those may still be there. */
  readonly before: number
  readonly until: number
}

/** Which keys have copies, and how many, as each shard tells of the keys that live there. */
export class HotList {
  readonly #clock: Clock
  readonly #keys = new Map<string, Told & { readonly shard: string }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The whole list of a shard: a key that it names no more has lost its copies. */
  hear(shard: string, list: readonly CopyCount[]): void {
    const named = new Set(list.map(({ key }) => key))
    for (const [key, told] of this.#keys) if (told.shard === shard && !named.has(key)) this.#tell(shard, key, 0)
    for (const { key, copies } of list) this.#tell(shard, key, copies)
  }

  /** How many keys have copies. */
  get size(): number {
    return [...this.#keys.values()].filter(({ copies }) => copies > 0).length
  }

  /** How many copies a key has. */
  copies(key: string): number {
    return this.#keys.get(key)?.copies ?? 0
  }

  /** How many it may have left, counting those that it had a moment ago. */
  recentCopies(key: string): number {
    const told = this.#keys.get(key)
    if (told === undefined) return 0
    return told.until > this.#clock.now() ? Math.max(told.copies, told.before) : told.copies
  }

  #tell(shard: string, key: string, copies: number): void {
    const now = this.#clock.now()
    const known = this.#keys.get(key)
    if (copies === 0 && (known === undefined || (known.copies === 0 && known.until <= now))) {
      this.#keys.delete(key)
      return
    }
    const left = known === undefined || known.until <= now ? 0 : known.before
    if (known === undefined || copies >= known.copies) {
      this.#keys.set(key, { shard, copies, before: left, until: known?.until ?? 0 })
      return
    }
    this.#keys.set(key, { shard, copies, before: Math.max(left, known.copies), until: now + LONGEST_COPY_LIFE_MS })
  }
}
