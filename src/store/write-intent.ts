import type { Epoch } from './epoch.ts'
import type { Content, InvalidateOptions } from './shard.ts'
import type { StoredContent } from './stored-content.ts'

/** Says that somebody is about to change the origin under a key, or has done so and does not know. */
export interface WriteIntent {
  /** 16 bytes, of one write. */
  readonly token: Buffer
  /** Up to when it stands, on the storing server's clock. */
  readonly untilMs: number
  /** Somebody else meant to change the key while it stood. */
  readonly overlapped: boolean
}

export const NO_INTENTS: readonly WriteIntent[] = []

const TOKEN_BYTES = 16
const BYTES = TOKEN_BYTES + 9

/** As they are stored: token (16), expiry in ms (8), 1 = overlapped (1), one behind the other. */
export function decodeIntents(raw: Buffer | undefined): readonly WriteIntent[] {
  if (raw === undefined) return NO_INTENTS
  return Array.from({ length: Math.floor(raw.length / BYTES) }, (_, index) => {
    const at = index * BYTES
    const token = raw.subarray(at, at + TOKEN_BYTES)
    const untilMs = Number(raw.readBigUInt64BE(at + TOKEN_BYTES))
    return { token, untilMs, overlapped: raw[at + BYTES - 1] === 1 }
  })
}

/** A write to the origin that is about to begin. */
export interface IntendOptions {
  /** 16 bytes, unique to this write. Intending again with the same token changes nothing. */
  readonly token: Buffer
  /** How long it stands unless it is settled: longer than the origin can go on changing. */
  readonly ttlMs: number
}

export interface SettleOptions extends InvalidateOptions {
  /** Of the intent. */
  readonly token: Buffer
  /** What was written, where it is to be stored. */
  readonly content?: Content | undefined
}

/** `stored`: this intent stood alone throughout. `dropped`: as by `invalidate`. */
export interface Settled {
  readonly outcome: 'stored' | 'dropped'
  readonly version: number
}

/** An intent as a server is told of it. */
export interface IntendArguments extends IntendOptions {
  readonly key: string
  readonly epoch: Epoch
}

export interface SettleArguments extends Required<Omit<SettleOptions, 'content'>> {
  readonly content: StoredContent | undefined
  readonly key: string
  readonly floor: number
  readonly epoch: Epoch
}
