import type { EntryRecord } from '../record.ts'
import { isPending } from './memory-record.ts'

interface Slot {
  readonly record: EntryRecord
  /** When the key goes, on this server's clock. */
  readonly goneAtMs: number
}

const SLOT_BYTES = 400

/** The entries of a server in process, bounded by bytes: over it, those that were written longest ago go first, but for those that their origins do not have yet. */
export class MemoryEntries {
  readonly #maxBytes: number
  readonly #onGone: (key: string) => void
  #slots = new Map<string, Slot>()
  #bytes = 0
  #evicted = 0

  constructor(maxBytes: number, onGone: (key: string) => void) {
    this.#maxBytes = maxBytes
    this.#onGone = onGone
  }

  get bytes(): number {
    return this.#bytes
  }

  get evicted(): number {
    return this.#evicted
  }

  get(key: string, nowMs: number): EntryRecord | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined || slot.goneAtMs > nowMs) return slot?.record
    this.#remove(key, slot)
    this.#onGone(key)
    return undefined
  }

  /** Of all keys that begin like this. */
  names(prefix: string): readonly string[] {
    return [...this.#slots.keys()].filter((key) => key.startsWith(prefix))
  }

  /** How long the key has still to live; 0 when it is not there. */
  leftMs(key: string, nowMs: number): number {
    const slot = this.#slots.get(key)
    return slot === undefined ? 0 : Math.max(0, slot.goneAtMs - nowMs)
  }

  set(key: string, record: EntryRecord, goneAtMs: number): void {
    const old = this.#slots.get(key)
    if (old !== undefined) this.#remove(key, old)
    this.#slots.set(key, { record, goneAtMs })
    this.#bytes += sizeOf(key, record)
    for (const [oldest, slot] of this.#slots) {
      if (this.#bytes <= this.#maxBytes) break
      if (isPending(slot.record)) continue
      this.#remove(oldest, slot)
      this.#evicted += 1
      this.#onGone(oldest)
    }
  }

  delete(key: string): void {
    const slot = this.#slots.get(key)
    if (slot !== undefined) this.#remove(key, slot)
  }

  clear(): void {
    this.#slots.clear()
    this.#bytes = 0
  }

  /** All entries as they are now; records never change, so nothing is copied deeply. */
  copy(): ReadonlyMap<string, Slot> {
    return new Map(this.#slots)
  }

  restore(copy: ReadonlyMap<string, Slot>): void {
    this.#slots = new Map(copy)
    this.#bytes = 0
    for (const [key, { record }] of copy) this.#bytes += sizeOf(key, record)
  }

  #remove(key: string, slot: Slot): void {
    this.#slots.delete(key)
    this.#bytes -= sizeOf(key, slot.record)
  }
}

export type EntriesCopy = ReturnType<MemoryEntries['copy']>

function sizeOf(key: string, record: EntryRecord): number {
  return SLOT_BYTES + key.length + record.payload.length
}
