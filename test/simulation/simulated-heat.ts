import type { CopyCount } from '../../src/hotkey/hot-list.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import { HEARTBEAT_MS } from './keyspaces.ts'
import type { Scheduler } from './scheduler.ts'

/** So many of its keys a sidecar does not hear of. */
const UNHEARD = 0.2
/** So many of the keys have copies. */
const COPIED = 0.9
/** So often some key's number of copies changes. */
const EVERY_MS = 400

/**
 * The fleet's hot list as chance has it: keys get copies and lose them all the time, so that many are being filled, many
 * are in place, and many have been left behind.
 */
export class SimulatedHeat {
  readonly #world: Scheduler
  readonly #chance: SeededChance
  readonly #keys: readonly string[]
  readonly #crowded: readonly string[]
  readonly #most: number
  readonly #copies = new Map<string, number>()

  constructor(
    world: Scheduler,
    chance: SeededChance,
    { keys, most }: { readonly keys: readonly string[]; readonly most: number },
  ) {
    this.#world = world
    this.#chance = chance
    this.#keys = keys
    this.#crowded = keys.filter((key) => /:crowded.*:k0$/.test(key))
    this.#most = most
    for (const key of keys) this.#change(key)
  }

  /** Keys that a sidecar never hears of: nothing may depend on whether it does. */
  unheard(): ReadonlySet<string> {
    return new Set(this.#keys.filter(() => this.#chance.happens(UNHEARD)))
  }

  /** What a sidecar hears that knows nothing of those keys, and when it hears the next time. */
  tell(unheard: ReadonlySet<string>): { readonly list: readonly CopyCount[]; readonly againInMs: number } {
    const list = [...this.#copies].map(([key, copies]) => ({ key, copies })).filter(({ key }) => !unheard.has(key))
    return { list, againInMs: this.#chance.between(0, 4 * HEARTBEAT_MS) }
  }

  start(): void {
    this.#world.plan(this.#chance.between(0, 2 * EVERY_MS), () => {
      this.#change(this.#chance.pick(this.#chance.happens(0.5) ? this.#crowded : this.#keys))
      this.start()
    })
  }

  #change(key: string): void {
    const copies = this.#chance.happens(COPIED) ? 1 + Math.floor(this.#chance.uniform() * this.#most) : 0
    if (copies === 0) this.#copies.delete(key)
    else this.#copies.set(key, copies)
  }
}
