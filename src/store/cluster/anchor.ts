import { encodeEpochs } from '../epoch.ts'
import type { Pulse } from '../operations.ts'
import { controlKeys } from '../redis/beat-command.ts'
import type { RedisLine } from '../redis/redis-line.ts'
import { SLOTS } from './key-slot.ts'
import { slotTags } from './slot-tags.ts'

export interface AnchorOptions {
  /** Before the names of control keys: `env:~`. */
  readonly controls: string
}

export interface AnchorParts {
  /** The slots of the master of this shard, as far as is known. */
  readonly slots: () => readonly number[]
  /** Learns anew whose slots are whose. Never rejects. */
  readonly look: () => Promise<void>
}

/** Mostly the first is the one. */
const FIRST_TAGS = 64

/**
 * The slot in which the control keys of one master lie. All sidecars have to mean the same one, or each would know only a
 * part of those who use this memory. So a life that is there already is looked for before one is begun; both in one order
 * of all slots, in which neighbours are far from each other, since slots are handed over in runs. It stays where it is
 * until its slot leaves the master; then it goes on in another slot, in the same epoch, since the memory is still whole.
 */
export class Anchor {
  readonly #options: AnchorOptions
  readonly #parts: AnchorParts
  #slot: number | undefined
  #members: { readonly list: number; readonly ids: readonly string[] } = { list: -1, ids: [] }
  #moving: Promise<void> | undefined

  constructor(options: AnchorOptions, parts: AnchorParts) {
    this.#options = options
    this.#parts = parts
  }

  /** Where it was last; `undefined` before it was found. */
  get slot(): number | undefined {
    return this.#slot
  }

  /** Before the names of control keys. */
  get controls(): string {
    return this.#slot === undefined ? '' : this.#controlsIn(this.#slot)
  }

  /** Finds it, where that has not been done. */
  async find(line: RedisLine): Promise<void> {
    if (this.#slot === undefined) await this.#move(undefined, line, undefined)
  }

  /** Leaves a slot that has left the master of this line. `told`: what this line was told last, in that slot. */
  async leave(slot: number, line: RedisLine, told: Pulse | undefined): Promise<void> {
    if (this.#slot !== slot) return
    await this.#parts.look()
    if (this.#slot === slot) await this.#move(slot, line, told)
  }

  /** Takes in a heartbeat's answer. */
  heard({ list, members }: Pulse): void {
    if (members !== undefined) this.#members = { list, ids: members }
  }

  async #move(from: number | undefined, line: RedisLine, told: Pulse | undefined): Promise<void> {
    this.#moving ??= this.#moveFrom(from, line, told).finally(() => {
      this.#moving = undefined
    })
    await this.#moving
  }

  async #moveFrom(from: number | undefined, line: RedisLine, told: Pulse | undefined): Promise<void> {
    const tags = slotTags()
    const ranked = this.#parts.slots().filter((slot) => slot !== from)
    const names = ranked.sort((a, b) => rank(a) - rank(b)).map((slot) => tags[slot] as string)
    const found = await this.#search(line, names)
    const slot = ranked[names.indexOf(found)]
    if (slot === undefined) throw new Error('none of its slots is there any more')
    // Without all who used this memory, what was begun there could not be gone on with.
    if (told !== undefined && told.list === this.#members.list) await this.#adopt(slot, line, told)
    this.#slot = slot
  }

  async #search(line: RedisLine, tags: readonly string[]): Promise<string> {
    const first = await this.#look(line, tags.slice(0, FIRST_TAGS))
    if (first.what === 'own' || tags.length <= FIRST_TAGS) return first.tag
    return (await this.#look(line, tags)).tag
  }

  async #look(line: RedisLine, tags: readonly string[]): Promise<{ readonly what: string; readonly tag: string }> {
    const [what, tag] = await line.run<readonly Buffer[]>('find', [], [this.#options.controls, ...tags])
    return { what: String(what), tag: String(tag) }
  }

  async #adopt(slot: number, line: RedisLine, told: Pulse): Promise<void> {
    const { epoch, accepted, stamp, list, floor } = told
    const facts = [encodeEpochs(epoch), encodeEpochs(...accepted), stamp, list, floor]
    await line.run('adopt', controlKeys(this.#controlsIn(slot)), [...facts, ...this.#members.ids])
  }

  #controlsIn(slot: number): string {
    return `${this.#options.controls}{${slotTags()[slot]}}`
  }
}

/** An odd factor makes an order of all slots. */
function rank(slot: number): number {
  return (slot * 9_973) % SLOTS
}
