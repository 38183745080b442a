import type { Connection } from './connection.ts'
import { FLOW_CONTROL_ERROR, PROTOCOL_ERROR, StreamFault } from './fault.ts'

/** What comes of a stream. Bytes are lent: they are another frame's after the call. */
export interface StreamSink {
  /** Headers of the answer, or trailers. */
  headers(fields: readonly string[], end: boolean): void
  data(bytes: Buffer, start: number, end: number): void
  /** The peer has said everything. Comes once, after the last of the above; never after `reset`. */
  ended(): void
  /** The stream is gone before its end, by the peer's RST_STREAM, its fault, or with its connection. At most once. */
  reset(code: number, why: string): void
  /** What had been sent and could not leave has left. */
  drained(): void
}

/** One stream (RFC 9113, section 5.1) from its opening to the moment at which both sides have ended it. */
export class Stream {
  readonly id: number
  sink: StreamSink = NO_SINK
  /** Bytes that the peer allows us to send. May be negative after a change of its settings (section 6.9.2). */
  sendWindow: number
  /** Bytes that the peer may still send. */
  receiveWindow: number
  /** Bytes received and taken, and not given back to the peer's window yet. */
  taken = 0
  /** The peer has ended its half. */
  remoteEnded = false
  /** We have ended our half: everything that there will be has been queued. */
  localEnded = false
  closed = false
  /** By its `content-length`, in bytes (section 8.1.1); -1 = it has none. */
  expectedBytes = -1
  receivedBytes = 0
  /** No more of it is taken from the peer's window until `resume`. */
  paused = false
  readonly queue: Buffer[] = []
  queuedBytes = 0
  /** How far the first of the queue has been sent. */
  queueAt = 0
  trailers: readonly string[] | undefined
  /** END_STREAM has been put on its way. */
  endSent = false
  /** Of `taken`, what has been given back to the window of the connection. */
  givenToConnection = 0
  readonly #connection: Connection

  constructor(connection: Connection, id: number, windows: { readonly send: number; readonly receive: number }) {
    this.#connection = connection
    this.id = id
    this.sendWindow = windows.send
    this.receiveWindow = windows.receive
  }

  /** Counts received bytes, those of padding too, against what the peer was allowed and has announced. */
  take(size: number, bodyBytes: number): void {
    this.receiveWindow -= size
    this.taken += size
    this.receivedBytes += bodyBytes
    if (this.receiveWindow < 0) throw new StreamFault(this.id, FLOW_CONTROL_ERROR, 'more bytes than the window allowed')
    if (this.expectedBytes >= 0 && this.receivedBytes > this.expectedBytes) checkLength(this)
  }

  /** Sends headers. With `end` nothing follows. */
  sendHeaders(fields: readonly string[], end = false): void {
    if (this.localEnded) return
    this.#connection.sendHeaders(this, fields, end)
  }

  /** Sends bytes, which are the stream's from now on; false when some of all that was sent cannot leave yet. */
  send(bytes: Buffer, end = false): boolean {
    if (this.localEnded) return true
    if (bytes.length > 0) this.queue.push(bytes)
    this.queuedBytes += bytes.length
    this.localEnded = end
    return this.#connection.sender.pump(this)
  }

  /** Ends our half with trailers, behind everything that was sent. */
  sendTrailers(fields: readonly string[]): void {
    if (this.localEnded) return
    this.trailers = fields
    this.localEnded = true
    this.#connection.sender.pump(this)
  }

  /** Gives the stream up. */
  cancel(code: number): void {
    this.#connection.cancel(this, code)
  }

  /** From now on what arrives is not given back to the peer's window. */
  pause(): void {
    this.paused = true
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.#connection.give(this)
  }
}

const NO_SINK: StreamSink = {
  headers() {},
  data() {},
  ended() {},
  reset() {},
  drained() {},
}

/** A body is as long as its content-length says (RFC 9113, section 8.1.1). */
export function checkLength({ id, expectedBytes, receivedBytes }: Stream): void {
  if (expectedBytes < 0 || receivedBytes === expectedBytes) return
  throw new StreamFault(id, PROTOCOL_ERROR, 'a body that is not as long as its content-length says')
}
