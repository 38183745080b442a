import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { WireServer } from '../../../src/wire/grpc/wire-server.ts'
import { until } from '../../support/until.ts'
import {
  bytesOf,
  DATA,
  END_STREAM,
  type Frame,
  HEADERS,
  PREFACE,
  RST_STREAM,
  SETTINGS,
  settings,
  WINDOW_UPDATE,
  word,
} from '../fuzz/frames.ts'
import { ECHO, headers, message, startEcho } from './echo.ts'
import { RawClient } from './raw-client.ts'

const INITIAL_WINDOW_SIZE = 4

let server: WireServer
let port: number
const clients: RawClient[] = []

beforeAll(async () => {
  const started = await startEcho()
  server = started.server
  port = started.port
})
afterAll(() => server.forceShutdown())
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

function client(): RawClient {
  const made = new RawClient(port)
  clients.push(made)
  return made
}

/** The bytes of the answer on a stream, once it has ended. */
async function answer(of: RawClient, stream: number): Promise<Buffer> {
  const mine = () => of.frames.filter((frame) => frame.stream === stream)
  await until('the end of the answer', async () =>
    mine().some((frame) => frame.type === HEADERS && (frame.flags & END_STREAM) !== 0),
  )
  return Buffer.concat(mine().flatMap((frame) => (frame.type === DATA ? [frame.payload] : []))).subarray(5)
}

describe('a server', () => {
  it('takes a stream of bytes cut at any position', async () => {
    const bytes = Buffer.concat([
      PREFACE,
      ...[settings(), headers(1), message(1, 'one'), headers(3), message(3, 'two')].map(bytesOf),
    ])
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const one = client().write(bytes.subarray(0, cut))
      await until('the first part', async () => cut < PREFACE.length + 9 || one.of(SETTINGS).length > 0)
      one.write(bytes.subarray(cut))
      expect([String(await answer(one, 1)), String(await answer(one, 3))]).toEqual(['one', 'two'])
      one.close()
    }
  })

  it('takes a body in many pieces, with padding, beside others', async () => {
    const one = client().greet()
    const whole = bytesOf(message(1, 'many pieces')).subarray(9)
    one.send(headers(1), headers(3))
    for (const [index, byte] of whole.entries()) {
      one.send({ type: DATA, flags: 0x08, stream: 1, payload: Buffer.from([2, byte, 0, 0]) })
      if (index === 3) one.send(message(3, 'in between'))
    }
    one.send({ type: DATA, flags: END_STREAM, stream: 1, payload: Buffer.alloc(0) })
    expect(String(await answer(one, 3))).toBe('in between')
    expect(String(await answer(one, 1))).toBe('many pieces')
  })

  it('sends no more than the windows of stream and connection allow, and goes on when they grow', async () => {
    const one = client().greet([INITIAL_WINDOW_SIZE, 10])
    const body = 'x'.repeat(100)
    one.send(headers(1), message(1, body))
    const received = () => one.of(DATA).reduce((sum, { payload }) => sum + payload.length, 0)
    await until('what the window allows', async () => received() === 10)
    // A smaller initial window makes that of the stream negative (RFC 9113, section 6.9.2).
    one.send(settings([INITIAL_WINDOW_SIZE, 0]))
    await until('the acknowledgement', async () => one.of(SETTINGS).filter(({ flags }) => flags === 1).length === 2)
    one.send(word(WINDOW_UPDATE, 1, 5))
    one.send(headers(3), message(3, ''))
    await until('another stream', async () => one.of(HEADERS).some(({ stream }) => stream === 3))
    expect(received()).toBe(10)
    one.send(word(WINDOW_UPDATE, 1, 10))
    await until('what the window allows', async () => received() === 15)
    one.send(settings([INITIAL_WINDOW_SIZE, 1_000]))
    expect(String(await answer(one, 1))).toBe(body)
  })

  it('gives bytes back to the windows of a client, and takes more than one window at a time', async () => {
    const body = Buffer.alloc(3 * 1024 * 1024, 'y')
    const one = client().greet([INITIAL_WINDOW_SIZE, 2 ** 31 - 1])
    one.send(word(WINDOW_UPDATE, 0, 2 ** 31 - 1 - 65_535), headers(1))
    const whole = bytesOf(message(1, body)).subarray(9)
    let allowed = 65_535
    let sent = 0
    let counted = 0
    while (sent < whole.length) {
      const updates = one.of(WINDOW_UPDATE).filter(({ stream }) => stream === 0)
      for (const { payload } of updates.slice(counted)) allowed += payload.readUInt32BE(0)
      counted = updates.length
      const size = Math.min(16_384, whole.length - sent, allowed)
      if (size > 0) {
        const flags = sent + size === whole.length ? END_STREAM : 0
        one.send({ type: DATA, flags, stream: 1, payload: whole.subarray(sent, sent + size) })
        sent += size
        allowed -= size
      } else {
        await until('a window', async () => one.of(WINDOW_UPDATE).filter(({ stream }) => stream === 0).length > counted)
      }
    }
    expect((await answer(one, 1)).equals(body)).toBe(true)
  })

  it('answers from bytes and from objects alike, whether the answer fits into the windows or not', async () => {
    const fast = await startEcho()
    fast.server.addByteHandler(ECHO.path, (request, start, end, out) => {
      out.reserve(end - start)
      out.at += request.copy(out.bytes, out.at, start, end)
      return true
    })
    for (const window of [1, 100, 65_535]) {
      const one = new RawClient(fast.port)
      clients.push(one)
      one.greet([INITIAL_WINDOW_SIZE, window])
      for (const [index, size] of [0, 1, 50, 5_000, 16_379, 16_380, 40_000].entries()) {
        const stream = 2 * index + 1
        const body = 'z'.repeat(size)
        const pieces: Frame[] = []
        const whole = bytesOf(message(stream, body)).subarray(9)
        for (let from = 0; from < whole.length; from += 16_384) {
          const payload = whole.subarray(from, from + 16_384)
          pieces.push({ type: DATA, flags: from + 16_384 >= whole.length ? END_STREAM : 0, stream, payload })
        }
        one.send(headers(stream), ...pieces, word(WINDOW_UPDATE, stream, 100_000), word(WINDOW_UPDATE, 0, 100_000))
        expect((await answer(one, stream)).toString()).toBe(body)
      }
    }
    fast.server.forceShutdown()
  })

  it('ends an answer that is refused while it is written, and serves on', async () => {
    const one = client().greet([INITIAL_WINDOW_SIZE, 10])
    one.send(headers(1), message(1, 'x'.repeat(100)))
    await until('a beginning', async () => one.of(DATA).length > 0)
    one.send(word(RST_STREAM, 1, 8), settings([INITIAL_WINDOW_SIZE, 65_535]), headers(3), message(3, 'next'))
    expect(String(await answer(one, 3))).toBe('next')
    expect(one.of(DATA).filter(({ stream }) => stream === 1)).toHaveLength(1)
  })
})
