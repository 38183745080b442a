import type { Rules } from '../../base/rules.ts'
import type { Epoch } from '../epoch.ts'
import type { ArgumentsOf, Operations } from '../operations.ts'
import { asEntry, type EntryRecord } from '../record.ts'
import type { StoredContent } from '../stored-content.ts'
import { carried, holdOf, isPending, lastOf, marker, overlapped, standing, TOMBSTONE_TTL_MS } from './memory-record.ts'

/** The entries of a server, as write intents need them. */
export interface IntentEntries {
  get(key: string): EntryRecord | undefined
  /** How long the key has still to live, in ms. */
  leftMs(key: string): number
  write(key: string, record: EntryRecord, ttlMs: number): void
  invalidate(args: ArgumentsOf<'invalidate'>): { readonly version: number }
  store(key: string, old: EntryRecord | undefined, epoch: Epoch, floor: number, content: StoredContent): number
}

/** What the scripts do to write intents, done in process. */
export class MemoryIntents {
  readonly #entries: IntentEntries
  readonly #rules: Rules
  readonly #timeUs: () => number

  constructor(entries: IntentEntries, rules: Rules, timeUs: () => number) {
    this.#entries = entries
    this.#rules = rules
    this.#timeUs = timeUs
  }

  intend({ key, token, ttlMs, epoch }: ArgumentsOf<'intend'>): undefined {
    const nowMs = this.#nowMs()
    const old = this.#entries.get(key)
    const others = carried(old, epoch, nowMs)
    // What its origin has not heard of yet is not for intents.
    if (old !== undefined && isPending(old)) return
    if (others.some((intent) => intent.token.equals(token))) return
    const own = { token, untilMs: nowMs + Math.ceil(ttlMs), overlapped: false }
    const intents = others.length === 0 ? [own] : overlapped([...others, own])
    const lastMs = lastOf(intents)
    const leftMs = this.#entries.leftMs(key)
    if (old !== undefined && asEntry(old, nowMs) !== undefined) {
      const hardAtMs = Math.min(old.hardAtMs, ...intents.map(({ untilMs }) => untilMs))
      this.#entries.write(key, { ...old, hardAtMs, intents }, Math.max(leftMs, lastMs - nowMs))
      return
    }
    const holdUntilMs = holdOf(old, nowMs)
    const mark = { nowMs, epoch, version: old?.version ?? 0, hardAtMs: lastMs, token: undefined, holdUntilMs, intents }
    const keepMs = Math.max(TOMBSTONE_TTL_MS, holdUntilMs - nowMs, lastMs - nowMs, leftMs)
    this.#entries.write(key, marker('tombstone', old, mark), keepMs)
  }

  settle(args: ArgumentsOf<'settle'>): Operations['settle']['result'] {
    const { key, token, floor, epoch, content, staleKeepMs, holdMs } = args
    const nowMs = this.#nowMs()
    const old = this.#entries.get(key)
    const intents = carried(old, epoch, nowMs)
    const { intentTokens, intentAlone } = this.#rules
    const own = intentTokens ? intents.find((intent) => intent.token.equals(token)) : intents[0]
    const others = intentTokens ? intents.filter((intent) => intent !== own) : []
    const isAlone = own !== undefined && (!intentAlone || (!own.overlapped && others.length === 0))
    if (content !== undefined && isAlone && holdOf(old, nowMs) === 0) {
      return {
        outcome: 'stored',
        version: this.#entries.store(key, old, epoch, floor, { ...content, tags: content.tags ?? old?.tags }),
      }
    }
    if (old !== undefined && old.intents.length > 0) {
      this.#entries.write(key, { ...old, intents: others }, this.#entries.leftMs(key))
    }
    return { outcome: 'dropped', ...this.#entries.invalidate({ key, floor, epoch, staleKeepMs, holdMs }) }
  }

  /** Somebody means to store a value under a record with intents: whose they are learns of it. */
  overlap(key: string, old: EntryRecord): void {
    const intents = overlapped(standing(old, this.#nowMs()))
    if (intents.length > 0) this.#entries.write(key, { ...old, intents }, this.#entries.leftMs(key))
  }

  #nowMs(): number {
    return Math.floor(this.#timeUs() / 1_000)
  }
}
