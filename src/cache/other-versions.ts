import type { Rules } from '../base/rules.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { Tier } from '../store/tier.ts'

export interface OtherVersionsParts {
  readonly keyspaces: Pick<Keyspaces, 'besides'>
  readonly store: Pick<Tier, 'home'>
  readonly rules: Pick<Rules, 'everyVersion'>
}

/**
 * A key has a name in every version of its keyspace. While the fleet goes from one to another, sidecars read by either: so
 * a change of a key counts when it has reached all of them.
 */
export class OtherVersions {
  readonly #parts: OtherVersionsParts

  constructor(parts: OtherVersionsParts) {
    this.#parts = parts
  }

  /**
   * Invalidates a key, which was changed under this name, under all others by which anybody may read it, also those that
   * it got meanwhile. Rejects with `SHARD_UNAVAILABLE`.
   */
  async drop(physicalKey: string, holdMs: number): Promise<void> {
    const { keyspaces, store, rules } = this.#parts
    if (!rules.everyVersion) return
    const done = new Set<string>()
    for (;;) {
      const others = keyspaces.besides(physicalKey)
      const names = others?.names.filter((name) => !done.has(name)) ?? []
      if (others === undefined || names.length === 0) return
      for (const name of names) done.add(name)
      const options = { staleKeepMs: 0, holdMs: Math.max(holdMs, others.policy.lagMs) }
      await Promise.all(names.map((name) => store.home(name).invalidate(name, options)))
    }
  }
}
