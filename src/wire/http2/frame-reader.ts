import { ConnectionFault, FRAME_SIZE_ERROR } from './fault.ts'
import { FRAME_HEADER_BYTES, LEAST_MAX_FRAME_BYTES } from './frame.ts'

const EMPTY = Buffer.alloc(0)
const KEPT_BYTES = 1_024

/** Where the bytes of whole frames go. */
export interface FrameSink {
  /** One frame, whose payload is `bytes` from `start` to `end`. The bytes are lent. */
  frame(head: FrameHead, bytes: Buffer, start: number, end: number): void
  /** Further frames have to wait until `proceed`. */
  readonly isFull: boolean
}

/** The header of the frame at hand. One object for all frames of a connection. */
export interface FrameHead {
  type: number
  flags: number
  stream: number
}

/** Cuts a byte stream into frames (RFC 9113, section 4), however it was cut on its way. */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #head: FrameHead = { type: 0, flags: 0, stream: 0 }
  /** The beginning of a frame whose end has not arrived. */
  #partial = EMPTY
  #have = 0
  #waiting: Buffer | undefined

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Throws what the sink throws, and a `ConnectionFault` for a frame that is larger than allowed. */
  push(chunk: Buffer): void {
    this.#waiting = this.#waiting === undefined ? chunk : Buffer.concat([this.#waiting, chunk])
    this.proceed()
  }

  /** Goes on with what had to wait for the sink; throws as `push` does. */
  proceed(): void {
    const chunk = this.#waiting
    if (chunk === undefined) return
    this.#waiting = undefined
    let at = 0
    while (this.#have > 0 && !this.#sink.isFull) {
      at = this.#complete(chunk, at)
      if (at < 0) return
    }
    at = this.#cut(chunk, at)
    if (at === chunk.length) return
    if (this.#sink.isFull) this.#waiting = chunk.subarray(at)
    else this.#keep(chunk, at)
  }

  /** Bytes have to wait until the sink is no longer full. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  #cut(bytes: Buffer, from: number): number {
    const limit = bytes.length
    let at = from
    while (at + FRAME_HEADER_BYTES <= limit && !this.#sink.isFull) {
      const size = sizeAt(bytes, at)
      const start = at + FRAME_HEADER_BYTES
      const end = start + size
      if (end > limit) return at
      this.#deliver(bytes, at, end)
      at = end
    }
    return at
  }

  #deliver(bytes: Buffer, at: number, end: number): void {
    const head = this.#head
    head.type = bytes[at + 3] as number
    head.flags = bytes[at + 4] as number
    head.stream = streamAt(bytes, at + 5)
    this.#sink.frame(head, bytes, at + FRAME_HEADER_BYTES, end)
  }

  /** Adds to the frame that was begun; the position in `chunk` behind it, or -1 while its end is missing. */
  #complete(chunk: Buffer, at: number): number {
    let position = at
    if (this.#have < FRAME_HEADER_BYTES) {
      position = this.#add(chunk, position, FRAME_HEADER_BYTES)
      if (this.#have < FRAME_HEADER_BYTES) return -1
    }
    const whole = FRAME_HEADER_BYTES + sizeAt(this.#partial, 0)
    this.#roomFor(whole)
    position = this.#add(chunk, position, whole)
    if (this.#have < whole) return -1
    const frame = this.#partial
    this.#have = 0
    // An idle connection keeps no large buffer.
    if (frame.length > KEPT_BYTES) this.#partial = EMPTY
    this.#deliver(frame, 0, whole)
    return position
  }

  #add(chunk: Buffer, from: number, upTo: number): number {
    const taken = Math.min(upTo - this.#have, chunk.length - from)
    chunk.copy(this.#partial, this.#have, from, from + taken)
    this.#have += taken
    return from + taken
  }

  #keep(chunk: Buffer, from: number): void {
    const left = chunk.length - from
    if (left >= FRAME_HEADER_BYTES) this.#roomFor(FRAME_HEADER_BYTES + sizeAt(chunk, from))
    else this.#roomFor(FRAME_HEADER_BYTES)
    this.#have = chunk.copy(this.#partial, 0, from)
  }

  #roomFor(bytes: number): void {
    if (this.#partial.length >= bytes) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 64))
    this.#partial.copy(larger, 0, 0, this.#have)
    this.#partial = larger
  }
}

/** Larger frames than were announced are refused by their header alone (section 4.2). */
function sizeAt(bytes: Buffer, at: number): number {
  const size = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
  if (size <= LEAST_MAX_FRAME_BYTES) return size
  throw new ConnectionFault(FRAME_SIZE_ERROR, `a frame of ${size} bytes; ${LEAST_MAX_FRAME_BYTES} are allowed`)
}

/** The highest bit is reserved and ignored (section 4.1). */
function streamAt(bytes: Buffer, at: number): number {
  return (
    (((bytes[at] as number) & 0x7f) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}
