import type { NearEntry } from '../../src/near/near-cache.ts'

/** What must be answered if anything is: a cache without a bound that applies the version rule, proofs and expiry. */
export class NearModel {
  readonly #standing = new Map<string, NearEntry>()

  get(key: string, now: number): NearEntry | undefined {
    const entry = this.#standing.get(key)
    return entry !== undefined && entry.expiresAt >= now ? { ...entry, asOf: asOf(entry) } : undefined
  }

  put(key: string, entry: NearEntry, now: number): void {
    const standing = this.get(key, now)
    if (standing !== undefined) {
      const versioned = standing.version > 0 && entry.version > 0
      if (versioned && standing.version > entry.version) return
      if ((!versioned || standing.version === entry.version) && asOf(standing) > asOf(entry)) return
    }
    this.#standing.set(key, entry)
  }

  drop(key: string): void {
    this.#standing.delete(key)
  }

  clear(): void {
    this.#standing.clear()
  }

  standing(): readonly (readonly [string, NearEntry])[] {
    return [...this.#standing]
  }
}

const asOf = (entry: NearEntry): number => Math.max(entry.asOf, entry.proof?.provenAt ?? entry.asOf)
