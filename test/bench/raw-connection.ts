import { connect, type Socket } from 'node:net'
import { Outgoing } from './outgoing.ts'
import { firstHeaders, LATER_HEADERS, opening } from './raw-frames.ts'

const FRAME_HEADER_BYTES = 9
const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 }
const END_STREAM = 1
const END_HEADERS = 4
const ACK = 1
const NOTHING = Buffer.alloc(0)
const SETTING = { tableBytes: 1, maxStreams: 3 }
/** Windows of the protocol's default size are opened again after each frame of data. */
const DEFAULT_WINDOW_BYTES = 65_535
/** More than a request takes; less than that is no room. */
const REQUEST_BYTES = 1_024
/** Streams of which the bytes received are kept: more than are ever open. */
const REMEMBERED = 1 << 16

export interface RawOptions {
  /** `host:port`, or `unix:` and the path of a socket. */
  readonly address: string
  /** Receive window of each stream and of the connection. */
  readonly windowBytes: number
  /** Where received bytes land; connections may share it. Its size is the most that one read takes. */
  readonly buffer: Buffer
  /** Bytes of data that came with the stream; -1 when it was reset. */
  readonly onEnd: (stream: number, bytes: number) => void
  /** After each read; with `false` the socket is read no further until `resume`. */
  readonly onRead?: (bytes: number) => boolean
}

/**
 * As little of an HTTP/2 client as can send Gets and count what comes back, so that a load costs little beside the server:
 * header blocks of answers are skipped, and an answer without data is one that failed.
 */
export class RawConnection {
  readonly #options: RawOptions
  readonly #socket: Socket
  readonly #received = new Int32Array(REMEMBERED)
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES)
  #headerBytes = 0
  #type = 0
  #flags = 0
  #stream = 0
  #payload: Buffer | undefined
  #payloadBytes = 0
  #left = 0
  #unannounced = 0
  #sendWindow = DEFAULT_WINDOW_BYTES
  #maxStreams = 0
  #next = 1
  #open = 0
  readonly #out = new Outgoing()
  #ready: () => void = () => undefined
  readonly ready: Promise<void>

  constructor(options: RawOptions) {
    this.#options = options
    this.ready = new Promise((resolve) => {
      this.#ready = resolve
    })
    const [host, port] = options.address.split(':') as [string, string]
    const target = host === 'unix' ? { path: port } : { host, port: Number(port) }
    const callback = (length: number, bytes: Uint8Array) => {
      this.#take(bytes as Buffer, length)
      this.flush()
      return options.onRead?.(length) ?? true
    }
    this.#socket = connect({ ...target, onread: { buffer: options.buffer, callback } })
    this.#socket.on('error', (error) => {
      throw error
    })
    this.#socket.setNoDelay(true)
    this.#out.put(opening(options.windowBytes))
    this.flush()
  }

  /** Whether the server's limits let another request go now. */
  get hasRoom(): boolean {
    return this.#open < this.#maxStreams && this.#sendWindow >= REQUEST_BYTES
  }

  /** Queues a request until `flush`; its stream. */
  get(framed: Buffer): number {
    const stream = this.#next
    const headers = stream === 1 ? firstHeaders(this.#options.address) : LATER_HEADERS
    this.#next += 2
    this.#open += 1
    this.#sendWindow -= framed.length
    this.#received[(stream >> 1) % REMEMBERED] = 0
    this.#out.frame(FRAME.headers, END_HEADERS, stream, headers)
    this.#out.frame(FRAME.data, END_STREAM, stream, framed)
    return stream
  }

  flush(): void {
    if (this.#out.length > 0) this.#socket.write(this.#out.take())
  }

  resume(): void {
    this.#socket.resume()
  }

  #take(bytes: Buffer, length: number): void {
    let at = 0
    while (at < length) {
      if (this.#headerBytes < FRAME_HEADER_BYTES) {
        const taken = Math.min(FRAME_HEADER_BYTES - this.#headerBytes, length - at)
        bytes.copy(this.#header, this.#headerBytes, at, at + taken)
        this.#headerBytes += taken
        at += taken
        if (this.#headerBytes < FRAME_HEADER_BYTES) return
        this.#begin()
      }
      const taken = Math.min(this.#left, length - at)
      if (this.#payload !== undefined) bytes.copy(this.#payload, this.#payloadBytes - this.#left, at, at + taken)
      at += taken
      this.#left -= taken
      if (this.#left === 0) this.#end()
    }
  }

  #begin(): void {
    const header = this.#header
    this.#left = (header.readUInt16BE(0) << 8) | header[2]!
    this.#payloadBytes = this.#left
    this.#type = header[3]!
    this.#flags = header[4]!
    this.#stream = header.readUInt32BE(5)
    const isSkipped = this.#type === FRAME.data || this.#type === FRAME.headers
    this.#payload = isSkipped ? undefined : Buffer.alloc(this.#left)
  }

  #end(): void {
    this.#headerBytes = 0
    switch (this.#type) {
      case FRAME.data:
        this.#noteData()
        break
      case FRAME.settings:
        if ((this.#flags & ACK) === 0) this.#obey(this.#payload!)
        break
      case FRAME.ping:
        if ((this.#flags & ACK) === 0) this.#out.frame(FRAME.ping, ACK, 0, this.#payload!)
        break
      case FRAME.windowUpdate:
        if (this.#stream === 0) this.#sendWindow += this.#payload!.readUInt32BE(0)
        break
      case FRAME.goaway:
        throw new Error(`GOAWAY with error ${this.#payload!.readUInt32BE(4)}: ${this.#payload!.toString('utf8', 8)}`)
    }
    if (this.#type === FRAME.reset) this.#finish(-1)
    const isAnswer = this.#type === FRAME.data || this.#type === FRAME.headers
    if (isAnswer && (this.#flags & END_STREAM) !== 0) this.#finish(this.#received[(this.#stream >> 1) % REMEMBERED]!)
  }

  #finish(bytes: number): void {
    this.#open -= 1
    this.#options.onEnd(this.#stream, bytes)
  }

  #noteData(): void {
    const { windowBytes } = this.#options
    const bytes = this.#payloadBytes
    if (bytes === 0) return
    this.#received[(this.#stream >> 1) % REMEMBERED]! += bytes
    this.#unannounced += bytes
    if (this.#unannounced * 2 > windowBytes) {
      this.#announce(0, this.#unannounced)
      this.#unannounced = 0
    }
    if (windowBytes <= DEFAULT_WINDOW_BYTES) this.#announce(this.#stream, bytes)
  }

  #announce(stream: number, bytes: number): void {
    const increment = Buffer.alloc(4)
    increment.writeUInt32BE(bytes)
    this.#out.frame(FRAME.windowUpdate, 0, stream, increment)
  }

  #obey(settings: Buffer): void {
    if (this.#maxStreams === 0) this.#maxStreams = REMEMBERED - 1
    for (let at = 0; at + 6 <= settings.length; at += 6) {
      const [name, value] = [settings.readUInt16BE(at), settings.readUInt32BE(at + 2)]
      if (name === SETTING.maxStreams) this.#maxStreams = Math.min(value, REMEMBERED - 1)
      if (name === SETTING.tableBytes && value < REQUEST_BYTES) throw new Error('the server keeps no header table')
    }
    this.#out.frame(FRAME.settings, ACK, 0, NOTHING)
    this.#ready()
  }
}
