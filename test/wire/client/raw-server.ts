import { createServer, type Socket } from 'node:net'
import { HpackEncoder } from '../../../src/wire/hpack/hpack-encoder.ts'
import { putFrameHeader } from '../../../src/wire/http2/frame.ts'
import { FrameReader } from '../../../src/wire/http2/frame-reader.ts'
import { CLIENT_PREFACE } from '../../../src/wire/http2/preface.ts'

const DATA = 0
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const PING = 6
const GOAWAY = 7
const END_STREAM = 1
const END_HEADERS = 4

export const GRPC_HEADERS = [':status', '200', 'content-type', 'application/grpc']
export const OK_TRAILERS = ['grpc-status', '0']

/** A message as DATA carries it. */
export function prefixed(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** One connection as a server sees it that says what it is told to, right or wrong. */
export class RawPeer {
  readonly socket: Socket
  readonly number: number
  readonly #encoder = new HpackEncoder()

  constructor(socket: Socket, number: number) {
    this.socket = socket
    this.number = number
  }

  frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): void {
    const bytes = Buffer.alloc(9 + payload.length)
    payload.copy(bytes, putFrameHeader(bytes, 0, payload.length, type, flags, stream))
    this.socket.write(bytes)
  }

  settings(...pairs: (readonly [number, number])[]): void {
    const payload = Buffer.alloc(6 * pairs.length)
    for (const [index, [name, value]] of pairs.entries()) {
      payload.writeUInt16BE(name, 6 * index)
      payload.writeUInt32BE(value, 6 * index + 2)
    }
    this.frame(SETTINGS, 0, 0, payload)
  }

  headers(stream: number, fields: readonly string[], end = false): void {
    const block = Buffer.alloc(this.#encoder.boundOf(fields))
    const size = this.#encoder.encode(fields, block, 0)
    this.frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block.subarray(0, size))
  }

  data(stream: number, payload: Buffer, end = false): void {
    this.frame(DATA, end ? END_STREAM : 0, stream, payload)
  }

  answer(stream: number, message: Buffer): void {
    this.headers(stream, GRPC_HEADERS)
    this.data(stream, prefixed(message))
    this.headers(stream, OK_TRAILERS, true)
  }

  reset(stream: number, code: number): void {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(code)
    this.frame(RST_STREAM, 0, stream, payload)
  }

  goAway(last: number, code = 0): void {
    const payload = Buffer.alloc(8)
    payload.writeUInt32BE(last, 0)
    payload.writeUInt32BE(code, 4)
    this.frame(GOAWAY, 0, 0, payload)
  }
}

export interface RawScript {
  /** Instead of SETTINGS as the first frame. */
  greet?(peer: RawPeer): void
  /** A request's headers have come. */
  called?(peer: RawPeer, stream: number): void
  frame?(peer: RawPeer, type: number, flags: number, stream: number, payload: Buffer): void
  /** Answers pings with nothing. */
  readonly deaf?: boolean
}

export interface RawServer {
  readonly target: string
  readonly peers: readonly RawPeer[]
  close(): Promise<void>
}

/** A server on a bare socket, for what no library would send. */
export async function rawServer(script: RawScript): Promise<RawServer> {
  const peers: RawPeer[] = []
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = new RawPeer(socket, peers.length + 1)
    peers.push(peer)
    socket.on('error', () => undefined)
    if (script.greet === undefined) peer.settings()
    else script.greet(peer)
    listen(peer, script)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    target: `127.0.0.1:${address.port}`,
    peers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const { socket } of peers) socket.destroy()
      }),
  }
}

function listen(peer: RawPeer, script: RawScript): void {
  let preface = CLIENT_PREFACE.length
  const reader = new FrameReader({
    isFull: false,
    frame({ type, flags, stream }, bytes, start, end) {
      if (type === SETTINGS && flags === 0) peer.frame(SETTINGS, 1, 0)
      if (type === PING && flags === 0 && !script.deaf) peer.frame(PING, 1, 0, bytes.subarray(start, end))
      script.frame?.(peer, type, flags, stream, Buffer.from(bytes.subarray(start, end)))
      if (type === HEADERS) script.called?.(peer, stream)
      return end
    },
  })
  peer.socket.on('data', (chunk) => {
    const skipped = Math.min(preface, chunk.length)
    preface -= skipped
    reader.push(chunk.subarray(skipped))
  })
}
