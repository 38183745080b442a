import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { WireServer } from '../../../src/wire/grpc/wire-server.ts'
import { until } from '../../support/until.ts'
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  type Frame,
  HEADERS,
  headerBlock,
  PING,
  PRIORITY,
  RST_STREAM,
  settings,
  WINDOW_UPDATE,
  word,
} from '../fuzz/frames.ts'
import { headers, message, REQUEST_FIELDS, startEcho } from './echo.ts'
import { RawClient } from './raw-client.ts'

const FLOW_CONTROL_ERROR = 3
const REFUSED_STREAM = 7
const COMPRESSION_ERROR = 9
const ENHANCE_YOUR_CALM = 11

let server: WireServer
let port: number
const clients: RawClient[] = []

beforeAll(async () => {
  const started = await startEcho({ maxStreams: 100 })
  server = started.server
  port = started.port
})
afterAll(() => server.forceShutdown())
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  // Whatever one client did, the next is served.
  const next = new RawClient(port).greet().send(headers(1), message(1, 'next'))
  await until('an answer', async () => next.of(DATA).length > 0)
  next.close()
})

function client(): RawClient {
  const made = new RawClient(port).greet()
  clients.push(made)
  return made
}

const many = (count: number, frame: (index: number) => readonly Frame[]): readonly Frame[] =>
  Array.from({ length: count }, (_, index) => frame(index)).flat()

const ping: Frame = { type: PING, flags: 0, stream: 0, payload: Buffer.alloc(8) }

describe('a client that floods is sent away', () => {
  it.each<[string, () => readonly Frame[]]>([
    [
      'with streams that it resets (CVE-2023-44487)',
      () => many(5_000, (index) => [headers(2 * index + 1), word(RST_STREAM, 2 * index + 1, 8)]),
    ],
    ['with pings', () => many(1_000, () => [ping])],
    ['with settings', () => many(500, () => [settings()])],
    [
      'with DATA that holds nothing',
      () => [headers(1), ...many(10_000, () => [{ type: DATA, flags: 0, stream: 1, payload: Buffer.alloc(0) }])],
    ],
    ['with priorities', () => many(10_000, () => [{ type: PRIORITY, flags: 0, stream: 1, payload: Buffer.alloc(5) }])],
    [
      'with frames of unknown kinds',
      () => many(10_000, () => [{ type: 0xee, flags: 0, stream: 0, payload: Buffer.alloc(0) }]),
    ],
    [
      'with CONTINUATION frames (CVE-2024-27983)',
      () => [
        { type: HEADERS, flags: 0, stream: 1, payload: headerBlock(REQUEST_FIELDS) },
        ...many(1_000, () => [{ type: CONTINUATION, flags: 0, stream: 1, payload: headerBlock([['x', 'y']]) }]),
      ],
    ],
    ['with windows that grow by single bytes', () => many(100_000, () => [word(WINDOW_UPDATE, 0, 1)])],
  ])('%s', async (_, frames) => {
    const one = client()
    for (const frame of frames()) one.send(frame)
    expect(await one.goAway()).toBe(ENHANCE_YOUR_CALM)
    await until('the end of the connection', async () => one.closed)
  })
})

describe('a client that asks for too much', () => {
  it('is refused streams above the limit, and may use those below it', async () => {
    const one = client()
    one.send(...many(101, (index) => [headers(2 * index + 1)]))
    await until('a refusal', async () => one.of(RST_STREAM).length > 0)
    expect(one.of(RST_STREAM).map(({ stream, payload }) => [stream, payload.readUInt32BE(0)])).toEqual([
      [201, REFUSED_STREAM],
    ])
    one.send(message(1, 'mine'))
    await until('an answer', async () => one.of(DATA).length > 0)
  })

  it('is told when its headers are too large, however small they were on the way', async () => {
    const one = client()
    // One large entry of the table, and many references to it.
    const entry = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1d]), Buffer.alloc(4_000, 'v')])
    const bomb = Buffer.concat([headerBlock(REQUEST_FIELDS), entry, Buffer.alloc(4_000, 0xbe)])
    one.send({ type: HEADERS, flags: END_HEADERS | END_STREAM, stream: 1, payload: bomb })
    await until('an answer', async () => one.of(HEADERS).length > 0)
    expect(one.of(HEADERS)[0]?.fields.slice(0, 2)).toEqual([':status', '431'])
    one.send(headers(3), message(3, 'small'))
    await until('an answer', async () => one.of(DATA).length > 0)
  })

  it('is sent away when its header table is broken', async () => {
    const one = client()
    one.send({ type: HEADERS, flags: END_HEADERS, stream: 1, payload: Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]) })
    expect(await one.goAway()).toBe(COMPRESSION_ERROR)
  })

  it('is sent away when it makes a window larger than there can be', async () => {
    const one = client()
    one.send(word(WINDOW_UPDATE, 0, 2 ** 31 - 1))
    expect(await one.goAway()).toBe(FLOW_CONTROL_ERROR)
  })

  it('waits, at the price of a bounded buffer, when it reads nothing', async () => {
    const one = client().send(settings([4, 2 ** 31 - 1]), word(WINDOW_UPDATE, 0, 2 ** 31 - 1 - 65_535))
    const before = process.memoryUsage().arrayBuffers
    one.stopReading()
    const body = Buffer.alloc(16_000, 'b')
    // 64 MB of answers, asked for by someone who takes none of them.
    for (let index = 0; index < 4_000; index += 1) one.send(headers(2 * index + 1), message(2 * index + 1, body))
    const other = new RawClient(port).greet().send(headers(1), message(1, 'another'))
    await until('an answer to another', async () => other.of(DATA).length > 0)
    other.close()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6)
    one.readOn()
    await until('all answers, refused or not', async () => one.of(HEADERS).length + one.of(RST_STREAM).length >= 4_000)
  })
})
