const FRAME_HEADER_BYTES = 9

/** Frames that are sent together. */
export class Outgoing {
  #bytes = Buffer.allocUnsafeSlow(64 << 10)
  #length = 0

  get length(): number {
    return this.#length
  }

  put(bytes: Buffer): void {
    this.#grow(bytes.length)
    this.#length += bytes.copy(this.#bytes, this.#length)
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    this.#grow(FRAME_HEADER_BYTES + payload.length)
    const at = this.#length
    this.#bytes.writeUIntBE(payload.length, at, 3)
    this.#bytes[at + 3] = type
    this.#bytes[at + 4] = flags
    this.#bytes.writeUInt32BE(stream, at + 5)
    this.#length = at + FRAME_HEADER_BYTES + payload.copy(this.#bytes, at + FRAME_HEADER_BYTES)
  }

  /** A copy of all that was put, and begins anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return taken
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(2 * (this.#bytes.length + by))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
