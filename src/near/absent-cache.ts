import { EVICTION_CAUSES, type EvictionCause, type NearCache, type NearEntry, type NearStats } from './near-cache.ts'

/** The near cache that is switched off: it keeps nothing, and what it was not meant to keep it doesn't count as rejected. */
export class AbsentCache implements NearCache {
  #misses = 0

  get(): NearEntry | undefined {
    this.#misses += 1
    return undefined
  }

  view(): undefined {
    return undefined
  }

  peek(): undefined {
    return undefined
  }

  put(): void {}

  wants(): boolean {
    return false
  }

  drop(): void {}

  clear(): void {}

  stats(): NearStats {
    const evictions = Object.fromEntries(EVICTION_CAUSES.map((cause) => [cause, 0])) as Record<EvictionCause, number>
    return { bytes: 0, limitBytes: 0, entries: 0, hits: 0, misses: this.#misses, evictions }
  }
}
