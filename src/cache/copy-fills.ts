import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type HotList, LONGEST_COPY_LIFE_MS } from '../hotkey/hot-list.ts'
import type { CopyPlace, Tier } from '../store/tier.ts'
import { Behind } from './behind.ts'
import type { Lookup } from './lookup.ts'
import type { TagStamps } from './tag-stamps.ts'

/**
 * `elsewhere`: another has the lease, or has filled it. `nothing`: the home shard had nothing to copy. `lost`: the key was
 * changed meanwhile.
 */
export const COPY_FILL_RESULTS = ['filled', 'elsewhere', 'nothing', 'lost', 'failed'] as const
export type CopyFillResult = (typeof COPY_FILL_RESULTS)[number]

export interface CopyFillsOptions {
  readonly leaseTtlMs: number
}

export interface CopyFillsParts {
  readonly hot: Pick<HotList, 'recentCopies'>
  readonly store: Tier
  readonly stamps: TagStamps
  readonly clock: Clock
  readonly log: Log
}

/** Puts copies of hot keys where they belong, behind those who read them, and takes them away again. */
export class CopyFills {
  readonly #options: CopyFillsOptions
  readonly #parts: CopyFillsParts
  readonly #behind = new Behind(COPY_FILL_RESULTS)

  constructor(options: CopyFillsOptions, parts: CopyFillsParts) {
    this.#options = options
    this.#parts = parts
  }

  get results(): Readonly<Record<CopyFillResult, number>> {
    return this.#behind.results
  }

  /** Returns at once; the fill goes on behind. What is `overtaken` goes first. */
  fill(lookup: Lookup, place: CopyPlace, why: 'missing' | 'overtaken'): void {
    const work = () => this.#run(lookup, place, why)
    this.#behind.run(place.name, work, (error) => {
      this.#failed(error, 'copy not filled')
      return 'failed'
    })
  }

  /** The key is being changed: its copies go, those included that it had a moment ago. Returns at once. */
  drop(physicalKey: string): void {
    const { hot, store } = this.#parts
    for (let number = hot.recentCopies(physicalKey); number > 0; number -= 1) {
      const place = store.copy(physicalKey, number)
      if (place !== undefined) this.#drop(place)
    }
  }

  async #run(lookup: Lookup, place: CopyPlace, why: 'missing' | 'overtaken'): Promise<CopyFillResult> {
    const { store, stamps, clock } = this.#parts
    const { physicalKey, policy } = lookup
    const { name, shard } = place
    if (why === 'overtaken') await shard.dropCopy(name)
    const lease = await shard.leaseCopy(name, this.#options.leaseTtlMs)
    if (lease === undefined) return 'elsewhere'
    try {
      // Not before the lease is there: what is read now has seen every change that was acknowledged before.
      const read = await stamps.judgeRead(lookup, await store.home(physicalKey).read(physicalKey))
      const lifeMs = Math.min(policy.boundMs, LONGEST_COPY_LIFE_MS)
      if (read.found && read.asOf + lifeMs > clock.now()) {
        const copy = { entry: read.entry, asOf: read.asOf, lifeMs, compress: policy.compress }
        return (await shard.fillCopy(name, lease, copy)) ? 'filled' : 'lost'
      }
    } catch (error) {
      this.#drop(place)
      throw error
    }
    this.#drop(place)
    return 'nothing'
  }

  /** A copy, or the lease of one, so that the next one need not wait for its end. */
  #drop({ name, shard }: CopyPlace): void {
    shard.dropCopy(name).catch((error: unknown) => this.#failed(error, 'copy not dropped'))
  }

  #failed(error: unknown, what: string): void {
    this.#parts.log.debug({ reason: RingsideError.from(error).reason }, what)
  }
}
