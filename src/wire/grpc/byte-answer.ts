import { DATA, END_HEADERS, END_STREAM, FRAME_HEADER_BYTES, HEADERS, putFrameHeader } from '../http2/frame.ts'
import type { Outbox } from '../http2/outbox.ts'
import type { Sender } from '../http2/sender.ts'
import { PREFIX_BYTES } from './message-reader.ts'

/** Where a byte handler writes its answer. */
export interface AnswerBytes {
  /** The message goes here, from `at` on; `at` is left behind its last byte. */
  bytes: Buffer
  at: number
  /** Makes sure that `size` bytes fit; once, before the first is written, since both fields may change. */
  reserve(size: number): void
}

/**
 * Answers a request from its bytes at once, or returns false: then nothing has happened, and the method's ordinary
 * handler is asked.
 */
export type ByteHandler = (request: Buffer, start: number, end: number, answer: AnswerBytes) => boolean

/** `:status: 200` by its index, and `content-type` by the index of its name, neither put into the table (RFC 7541, section 6). */
const HEAD = literal([0x88, 0x0f, 0x10], 'application/grpc')
const TRAILERS = Buffer.concat([literal([0x00], 'grpc-status'), literal([], '0')])

const HEAD_BYTES = FRAME_HEADER_BYTES + HEAD.length
const BEFORE_BYTES = HEAD_BYTES + FRAME_HEADER_BYTES + PREFIX_BYTES
const BEHIND_BYTES = FRAME_HEADER_BYTES + TRAILERS.length

/** Writes whole answers, headers, one message and trailers, straight into what is to be sent. */
export class ByteAnswer implements AnswerBytes {
  bytes: Buffer = Buffer.alloc(0)
  at = 0
  readonly #sender: Sender
  readonly #outbox: Outbox

  constructor(sender: Sender) {
    this.#sender = sender
    this.#outbox = sender.outbox
  }

  reserve(size: number): void {
    const furtherFrames = Math.ceil((PREFIX_BYTES + size) / this.#sender.peer.maxFrameBytes) * FRAME_HEADER_BYTES
    this.#outbox.reserve(BEFORE_BYTES + size + furtherFrames + BEHIND_BYTES)
    this.bytes = this.#outbox.bytes
    this.at = this.#outbox.at + BEFORE_BYTES
  }

  /** What came of it: sent, not answered, or the message behind its prefix where the windows are too small for it. */
  answer(handler: ByteHandler, stream: number, request: Buffer, start: number, end: number): boolean | Buffer {
    if (!handler(request, start, end, this)) return false
    const { bytes } = this
    const begin = this.#outbox.at
    const from = begin + BEFORE_BYTES - PREFIX_BYTES
    const framed = this.at - from
    bytes[from] = 0
    bytes.writeUInt32BE(framed - PREFIX_BYTES, from + 1)
    const { window, peer } = this.#sender
    if (framed > window || framed > peer.initialWindow) return Buffer.from(bytes.subarray(from, this.at))
    const headEnd = putFrameHeader(bytes, begin, HEAD.length, HEADERS, END_HEADERS, stream)
    bytes.set(HEAD, headEnd)
    const dataEnd =
      framed <= peer.maxFrameBytes ? this.#frame(stream, from, framed) : this.#frames(stream, from, framed)
    const at = putFrameHeader(bytes, dataEnd, TRAILERS.length, HEADERS, END_HEADERS | END_STREAM, stream)
    bytes.set(TRAILERS, at)
    this.#outbox.at = at + TRAILERS.length
    this.#sender.window -= framed
    return true
  }

  #frame(stream: number, from: number, size: number): number {
    putFrameHeader(this.bytes, from - FRAME_HEADER_BYTES, size, DATA, 0, stream)
    return from + size
  }

  /** Makes room for the headers of further frames, from the last to the first. */
  #frames(stream: number, from: number, size: number): number {
    const { maxFrameBytes } = this.#sender.peer
    const further = Math.ceil(size / maxFrameBytes) - 1
    for (let index = further; index > 0; index -= 1) {
      const start = from + index * maxFrameBytes
      const moved = start + index * FRAME_HEADER_BYTES
      const bytes = Math.min(maxFrameBytes, size - index * maxFrameBytes)
      this.bytes.copyWithin(moved, start, start + bytes)
      this.#frame(stream, moved, bytes)
    }
    this.#frame(stream, from, maxFrameBytes)
    return from + size + further * FRAME_HEADER_BYTES
  }
}

function literal(before: readonly number[], text: string): Buffer {
  return Buffer.from([...before, text.length, ...Buffer.from(text)])
}
