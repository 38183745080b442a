import { payloadBytes, plannedBytes } from './block-plan.ts'
import type { NearEntry } from './near-cache.ts'
import { keyBytesOf } from './records.ts'

/** An entry on its way in. */
export class Newcomer {
  readonly hash: number
  readonly key: string
  readonly entry: NearEntry
  /** What its chain has to hold. */
  readonly payload: number
  /** What the chain will take, where the fitting blocks are free. */
  readonly bytes: number

  constructor(hash: number, key: string, entry: NearEntry, largestOrder: number) {
    this.hash = hash
    this.key = key
    this.entry = entry
    this.payload = payloadBytes(keyBytesOf(key), entry.value.length)
    this.bytes = plannedBytes(this.payload, largestOrder)
  }
}
