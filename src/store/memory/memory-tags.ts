import { createHash } from 'node:crypto'
import type { Epoch } from '../epoch.ts'

interface NotedStamp {
  readonly epoch: Epoch
  readonly stampUs: number
}

/** The present life of a server's memory. */
interface PresentLife {
  readonly epoch: Epoch
  readonly sinceMs: number
}

/** What a server in process knows of the stamps of tags beside their own records, as in `redis/scripts/tag-stamps.lua`. */
export class MemoryTags {
  readonly #life: () => PresentLife | undefined
  /** The last stamp of each part of the tags. */
  #parts: ReadonlyMap<string, NotedStamp> = new Map()

  constructor(life: () => PresentLife | undefined) {
    this.#life = life
  }

  /** `undefined` before the first heartbeat. `stampUs`: the last stamp in the part of the tag; 0 = none in this epoch. */
  facts(tag: string): (PresentLife & { readonly stampUs: number }) | undefined {
    const life = this.#life()
    const noted = this.#parts.get(partOf(tag))
    return life && { ...life, stampUs: noted?.epoch === life.epoch ? noted.stampUs : 0 }
  }

  /** Notes a stamp under the epoch that it was made in, whatever whoever made it knows of that. */
  note(tag: string, stampUs: number): void {
    const facts = this.facts(tag)
    if (facts === undefined || facts.stampUs >= stampUs) return
    this.#parts = new Map(this.#parts).set(partOf(tag), { epoch: facts.epoch, stampUs })
  }

  copy(): ReadonlyMap<string, NotedStamp> {
    return this.#parts
  }

  restore(copy: ReadonlyMap<string, NotedStamp>): void {
    this.#parts = copy
  }
}

export type TagsCopy = ReturnType<MemoryTags['copy']>

function partOf(tag: string): string {
  return createHash('sha1').update(tag).digest('hex').slice(0, 1)
}
