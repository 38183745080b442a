import { connect, type Socket } from 'node:net'
import { HpackDecoder } from '../../../src/wire/hpack/hpack-decoder.ts'
import { FrameReader } from '../../../src/wire/http2/frame-reader.ts'
import { until } from '../../support/until.ts'
import { bytesOf, type Frame, PREFACE, settings } from '../fuzz/frames.ts'

/** A frame as it arrived; of a header block the fields. */
export interface Arrived {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
  readonly fields: readonly string[]
}

const HEADERS = 1
const GOAWAY = 7

/** A client that sends whatever bytes it is told to, and keeps the frames that come back. */
export class RawClient {
  readonly frames: Arrived[] = []
  closed = false
  readonly #socket: Socket

  constructor(port: number) {
    const decoder = new HpackDecoder({ tableBytes: 4_096, listBytes: 65_536 })
    const reader = new FrameReader({
      isFull: false,
      frame: ({ type, flags, stream }, bytes, start, end) => {
        const fields = type === HEADERS ? decoder.decode(bytes, start, end) : []
        const payload = Buffer.from(bytes.subarray(start, end))
        this.frames.push({ type, flags, stream, payload, fields: fields === 'too-large' ? [] : fields })
      },
    })
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => reader.push(chunk))
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.closed = true
    })
  }

  /** Says hello, with settings of its own. */
  greet(...pairs: readonly (readonly [number, number])[]): this {
    return this.write(PREFACE).send(settings(...pairs))
  }

  send(...frames: readonly Frame[]): this {
    return this.write(Buffer.concat(frames.map(bytesOf)))
  }

  write(bytes: Buffer): this {
    this.#socket.write(bytes)
    return this
  }

  /** What has arrived of one type. */
  of(type: number): readonly Arrived[] {
    return this.frames.filter((frame) => frame.type === type)
  }

  /** The code with which the server ends the connection. */
  async goAway(): Promise<number> {
    await until('GOAWAY', async () => this.of(GOAWAY).length > 0)
    return (this.of(GOAWAY).at(-1) as Arrived).payload.readUInt32BE(4)
  }

  /** No longer reads; what is sent to it piles up. */
  stopReading(): this {
    this.#socket.pause()
    return this
  }

  readOn(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
  }
}
