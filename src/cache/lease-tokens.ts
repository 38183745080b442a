/** A lease as it was handed out. */
export interface HandedLease {
  /** By which the shard knows it. */
  readonly token: Buffer
  /** When it was asked for, on the monotonic clock; -Infinity where only another process knows. */
  readonly askedAt: number
}

const TOKEN_BYTES = 16
const MARK_BYTES = 4
const WHOLE_BYTES = TOKEN_BYTES + MARK_BYTES + 8

/** Leases as text for those who load for themselves: with the moment after which their load began, for the tags of what it brings. */
export class LeaseTokens {
  /** Of this process, whose clock no other has: taken from the first token that it handed out, which is like no other. */
  #mark: Buffer | undefined

  encode({ token, askedAt }: HandedLease): string {
    this.#mark ??= Buffer.from(token.subarray(0, MARK_BYTES))
    const bytes = Buffer.allocUnsafe(WHOLE_BYTES)
    token.copy(bytes)
    this.#mark.copy(bytes, TOKEN_BYTES)
    bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(askedAt * 1_000))), TOKEN_BYTES + MARK_BYTES)
    return bytes.toString('base64url')
  }

  /** `undefined` for a text that nobody handed out. */
  decode(text: string): HandedLease | undefined {
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.toString('base64url') !== text) return undefined
    // As sidecars of an earlier version hand them out.
    if (bytes.length === TOKEN_BYTES) return { token: bytes, askedAt: Number.NEGATIVE_INFINITY }
    if (bytes.length !== WHOLE_BYTES) return undefined
    const isOurs = this.#mark?.equals(bytes.subarray(TOKEN_BYTES, TOKEN_BYTES + MARK_BYTES)) === true
    const askedAt = Number(bytes.readBigUInt64BE(TOKEN_BYTES + MARK_BYTES)) / 1_000
    return { token: bytes.subarray(0, TOKEN_BYTES), askedAt: isOurs ? askedAt : Number.NEGATIVE_INFINITY }
  }
}
