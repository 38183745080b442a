import type { Clock } from '../base/clock.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'

/**
 * Keyspaces that the fleet has moved so lately that an origin which lags may still say what it said before: as after an
 * invalidation, what is loaded is answered then, and not stored.
 */
export class MovedLately {
  readonly #clock: Clock
  readonly #moved = new Map<string, { readonly version: number; readonly at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A keyspace is read by this version from now on. */
  note(keyspace: string, version: number): void {
    if (this.#moved.get(keyspace)?.version === version) return
    this.#moved.set(keyspace, { version, at: this.#clock.now() })
  }

  /** For so long more nothing that is loaded may be stored; 0 or less = it may. */
  holdMs({ name, lagMs }: Pick<KeyspacePolicy, 'name' | 'lagMs'>): number {
    const moved = lagMs === 0 ? undefined : this.#moved.get(name)
    return moved === undefined ? 0 : moved.at + lagMs - this.#clock.now()
  }
}
