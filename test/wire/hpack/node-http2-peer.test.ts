import http2 from 'node:http2'
import { type Duplex, duplexPair } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { HpackDecoder } from '../../../src/wire/hpack/hpack-decoder.ts'
import { HpackEncoder } from '../../../src/wire/hpack/hpack-encoder.ts'
import { encoded } from './block.ts'

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const HEADERS = 1
const SETTINGS = 4
const CONTINUATION = 9
const ACK = 1
const END_STREAM_AND_HEADERS = 5
const HEADER_TABLE_SIZE = 1

/** What HTTP lets a value have: printable ASCII and all octets above. */
const ALL_OCTETS = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet))
  .filter((octet) => /[\x21-\x7e\x80-\xff]/.test(octet))
  .join('')

interface Frame {
  readonly type: number
  readonly flags: number
  readonly payload: Buffer
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Calls with each whole frame that comes. */
function readFrames(from: Duplex, skip: number, each: (frame: Frame) => void): void {
  let held = Buffer.alloc(0)
  let at = skip
  from.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= at + 9 && held.length >= at + 9 + held.readUIntBE(at, 3)) {
      const end = at + 9 + held.readUIntBE(at, 3)
      each({ type: held.readUInt8(at + 3), flags: held.readUInt8(at + 4), payload: held.subarray(at + 9, end) })
      held = held.subarray(end)
      at = 0
    }
  })
}

/** The header blocks among frames that have neither padding nor priority. */
function readBlocks(from: Duplex, skip: number, each: (block: Buffer) => void): void {
  let parts: Buffer[] = []
  readFrames(from, skip, ({ type, flags, payload }) => {
    if (type !== HEADERS && type !== CONTINUATION) return
    // Node's client sends a priority with its HEADERS.
    parts.push(payload.subarray(type === HEADERS && flags & 0x20 ? 5 : 0))
    if ((flags & 4) === 0) return
    each(Buffer.concat(parts))
    parts = []
  })
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A node server at one end of a connection in memory; the other end. It tells the fields of each request, and echoes them. */
function openServer(
  settings: http2.Settings,
  requested: (fields: string[]) => void,
): [Duplex, Promise<http2.Http2Session>] {
  const [ours, theirs] = duplexPair()
  const server = http2.createServer({ settings })
  server.on('stream', (stream: http2.ServerHttp2Stream, _headers: unknown, _flags: unknown, fields: string[]) => {
    requested(fields)
    const echo = Object.fromEntries(pairsOf(fields).filter(([name]) => name[0] === 'x'))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...echo }, { endStream: true })
  })
  const session = new Promise<http2.Http2Session>((resolve) => server.once('session', resolve))
  server.emit('connection', theirs)
  closers.push(() => ours.destroy())
  return [ours, session]
}

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, fields[at + 1] as string]] : []))
}

const requestsOf = (count: number): string[][] =>
  Array.from({ length: count }, (_, at) => [
    ...[':method', 'POST', ':scheme', 'http', ':authority', 'localhost', ':path', `/cache/Method${at % 7}`],
    ...['te', 'trailers', 'grpc-timeout', `${at}m`, 'authorization', `Bearer ${at}`],
    ...['x-shard', `shard-${at % 5}`, 'x-id', `${at}`, 'x-octets', at % 10 === 0 ? ALL_OCTETS : 'none'],
    ...['x-large', 'y'.repeat((at * 37) % 900), 'x-trace-bin', Buffer.from(`trace ${at}`).toString('base64')],
  ])

describe('node:http2 as the peer', () => {
  it.each([0, 100, 256, 4_096, 65_536])(
    'reads what the encoder writes for its table of %i bytes',
    async (headerTableSize) => {
      const requests = requestsOf(100)
      const read: string[][] = []
      const [wire] = openServer({ headerTableSize }, (fields) => {
        read.push(fields)
        if (read.length === requests.length) wire.end()
      })
      const ended = new Promise((resolve) => wire.once('close', resolve))
      const encoder = new HpackEncoder(65_536)
      const send = (list: readonly string[][], first: number) => {
        for (const [at, fields] of list.entries()) {
          wire.write(frame(HEADERS, END_STREAM_AND_HEADERS, 2 * (first + at) + 1, encoded(encoder, fields)))
        }
      }
      // Ten requests before the server's settings are known, the others after they are acknowledged.
      readFrames(wire, 0, ({ type, flags, payload }) => {
        if (type !== SETTINGS || flags === ACK) return
        for (let at = 0; at < payload.length; at += 6) {
          if (payload.readUInt16BE(at) === HEADER_TABLE_SIZE) encoder.limit(payload.readUInt32BE(at + 2))
        }
        wire.write(frame(SETTINGS, ACK, 0, Buffer.alloc(0)))
        send(requests.slice(10), 10)
      })
      wire.write(PREFACE)
      wire.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)))
      send(requests.slice(0, 10), 0)
      await ended
      expect(read).toEqual(requests)
    },
  )

  it('writes what the decoder reads, in both directions, while its table changes', async () => {
    const asked: string[][] = []
    const [near, far] = duplexPair()
    const [wire, session] = openServer({}, (fields) => asked.push(fields))
    const client = http2.connect('http://localhost', { createConnection: () => near })
    closers.push(() => client.destroy())
    const decoderOf = () => new HpackDecoder({ tableBytes: 65_536, listBytes: 65_536 })
    const [requestDecoder, answerDecoder] = [decoderOf(), decoderOf()]
    const readRequests: string[][] = []
    const readAnswers: string[][] = []
    const decode = (decoder: HpackDecoder, block: Buffer) => decoder.decode(block, 0, block.length) as string[]
    readBlocks(far, PREFACE.length, (block) => readRequests.push(decode(requestDecoder, block)))
    readBlocks(wire, 0, (block) => readAnswers.push(decode(answerDecoder, block)))
    far.pipe(wire).pipe(far)
    const answered: string[][] = []
    for (const [at, fields] of requestsOf(120).entries()) {
      if (at % 30 === 15) await settle(await session, [0, 8_192, 300, 4_096][(at - 15) / 30] as number)
      if (at % 30 === 25) await settle(client, [200, 65_536, 0, 1_000][(at - 25) / 30] as number)
      const request = client.request(Object.fromEntries(pairsOf(fields)), { endStream: true })
      answered.push(
        await new Promise<string[]>((resolve, reject) => {
          request.on('error', reject)
          request.on('response', (_headers: unknown, _flags: unknown, raw: string[]) => resolve(raw))
          request.resume()
        }),
      )
    }
    expect(readRequests).toEqual(asked)
    expect(readAnswers).toEqual(answered)
  })
})

const settle = (session: http2.Http2Session, headerTableSize: number): Promise<void> =>
  new Promise((resolve, reject) => {
    session.settings({ headerTableSize }, (error) => (error ? reject(error) : resolve()))
  })
