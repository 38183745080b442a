import type { Flights } from '../flight/flights.ts'
import type { Heat } from '../hotkey/heat.ts'
import { isTagName } from '../keyspace/physical-key.ts'
import type { CopyFills } from './copy-fills.ts'
import type { Landing } from './landing.ts'
import type { NearRung } from './near-rung.ts'
import type { OtherVersions } from './other-versions.ts'

export interface OwnChangesParts {
  readonly near: NearRung
  readonly copies: CopyFills
  readonly flights: Flights<Landing>
  readonly heat: Heat
  readonly otherVersions: Pick<OtherVersions, 'drop'>
}

/**
 * What this sidecar changes, it forgets at once: before, so that a change whose outcome stays unknown leaves nothing
 * behind, and after, so that no read that was under way brings the old value back.
 */
export class OwnChanges {
  readonly #parts: OwnChangesParts

  constructor(parts: OwnChangesParts) {
    this.#parts = parts
  }

  /** `holdMs`: for so long after the change, what is loaded may not be stored. */
  async make<T>(physicalKey: string, change: () => Promise<T>, holdMs = 0): Promise<T> {
    // What is hot is a matter of keys.
    if (!isTagName(physicalKey)) this.#parts.heat.write(physicalKey)
    this.#forget(physicalKey)
    try {
      const changed = await change()
      await this.#parts.otherVersions.drop(physicalKey, holdMs)
      return changed
    } finally {
      this.#forget(physicalKey)
    }
  }

  #forget(physicalKey: string): void {
    const { near, copies, flights } = this.#parts
    flights.part(physicalKey)
    near.drop(physicalKey)
    // Nobody waits for that: a copy that stays is as old as it says.
    copies.drop(physicalKey)
  }
}
