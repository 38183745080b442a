import { pause, systemClock } from '../../src/base/clock.ts'
import type { Fault, World } from './fault.ts'
import { networkFaults } from './network-faults.ts'
import { processFaults } from './process-faults.ts'
import { shardFaults } from './shard-faults.ts'

export const FAULTS: readonly Fault[] = [...networkFaults, ...processFaults, ...shardFaults]

/** Inflicts one fault after the other. Lanes that run side by side share `taken`, so that no part has two at once. */
export class FaultLane {
  readonly #world: World
  readonly #taken: Set<string>

  constructor(world: World, taken: Set<string> = new Set()) {
    this.#world = world
    this.#taken = taken
  }

  /** Faults at random out of `choices`, with quiet in between, until the moment `endAt`. */
  async run(choices: readonly Fault[], endAt: number): Promise<void> {
    const { chance } = this.#world
    while (systemClock.now() < endAt) {
      await pause(systemClock, chance.between(100, 1_500))
      await this.inflict(chance.pick(choices))
    }
  }

  /** Resolves when it has ended; at once when every part that it could have hit is taken. */
  async inflict(fault: Fault): Promise<void> {
    switch (fault.to) {
      case 'shard':
        return this.#inflict(fault, this.#world.cluster.shards)
      case 'sidecar':
        return this.#inflict(fault, this.#world.cluster.sidecars)
      case 'origin':
        return this.#inflict(fault, [this.#world.origin])
    }
  }

  async #inflict<Part extends { readonly name: string }>(
    fault: { readonly name: string; inflict(part: Part, world: World): Promise<boolean> },
    parts: readonly Part[],
  ): Promise<void> {
    const free = parts.filter(({ name }) => !this.#taken.has(name))
    if (free.length === 0) return
    const part = this.#world.chance.pick(free)
    const { witness } = this.#world
    this.#taken.add(part.name)
    witness.faultBegan(fault.name, part.name)
    const happened = await fault.inflict(part, this.#world)
    witness.faultEnded(fault.name, part.name, happened)
    this.#taken.delete(part.name)
  }
}
