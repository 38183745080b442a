import type { Clock } from '../base/clock.ts'
import type { Heat } from '../hotkey/heat.ts'
import type { Found } from '../store/shard.ts'
import type { Tier } from '../store/tier.ts'
import type { Errand } from './errand.ts'
import { type Landing, landed, type RungObserver } from './landing.ts'
import type { Lookup } from './lookup.ts'
import type { NearRung } from './near-rung.ts'
import type { Refresher } from './refresher.ts'
import type { TagStamps } from './tag-stamps.ts'

export interface HomeRungParts {
  readonly store: Tier
  readonly near: NearRung
  readonly stamps: TagStamps
  readonly refresher: Refresher
  readonly heat: Heat
  readonly clock: Clock
  readonly onRung: RungObserver
}

/** The rung of the home shard: its primary by a plain GET, or a replica where that has less to do. */
export class HomeRung {
  readonly #parts: HomeRungParts

  constructor(parts: HomeRungParts) {
    this.#parts = parts
  }

  /** `undefined` where nothing there is good enough for the reader. */
  async read(lookup: Lookup, errand: Errand): Promise<Landing | undefined> {
    const { store, near, stamps, heat, clock, onRung } = this.#parts
    const { physicalKey, notBefore, leastVersion } = lookup
    const tracked = near.wants(lookup)
    if (lookup.policy.replicaReads && !tracked) {
      const landing = await this.#fromReplica(lookup, false)
      if (landing !== undefined) return landing
    }
    const mark = near.mark()
    const home = store.home(physicalKey)
    heat.shardRead(physicalKey, home.name)
    const read = await home.read(physicalKey, { notBefore, tracked })
    onRung('primary', clock.now() - read.sentAt)
    if (!read.found || read.asOf < notBefore || read.entry.version < leastVersion) return undefined
    const found = read.entry.tags === undefined ? read : await stamps.judge(lookup, read)
    if (found === undefined) {
      errand.overtaken = read.entry.version
      return undefined
    }
    near.admit(lookup, read, mark)
    return this.#landed(lookup, found, 'primary')
  }

  /** A replica when the primary gives no answer. Its tags' shards may give none either. */
  readAnyway(lookup: Lookup): Promise<Landing | undefined> {
    return this.#fromReplica(lookup, true).catch(() => undefined)
  }

  async #fromReplica(lookup: Lookup, anyway: boolean): Promise<Landing | undefined> {
    const { store, near, stamps, heat, clock, onRung } = this.#parts
    const { physicalKey, notBefore, leastVersion } = lookup
    const mark = near.mark()
    const home = store.home(physicalKey)
    const read = await home.readReplica(physicalKey, { notBefore, anyway })
    if (read === undefined) return undefined
    heat.shardRead(physicalKey, home.name)
    if (read.entry.version < leastVersion) return undefined
    onRung('replica', clock.now() - read.sentAt)
    const found = read.entry.tags === undefined ? read : await stamps.judge(lookup, read)
    if (found === undefined) return undefined
    near.admit(lookup, read, mark)
    return this.#landed(lookup, found, 'replica')
  }

  #landed(lookup: Lookup, found: Found, source: 'primary' | 'replica'): Landing {
    const { entry } = found
    if (entry.softTtlMs !== undefined && entry.softTtlMs <= 0) this.#parts.refresher.refresh(lookup, entry)
    return landed(found, source, this.#parts.clock.now())
  }
}
