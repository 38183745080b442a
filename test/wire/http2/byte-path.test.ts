import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WireServer } from '../../../src/wire/grpc/wire-server.ts'
import { until } from '../../support/until.ts'
import { bytesOf, DATA, END_STREAM, type Frame, RST_STREAM, WINDOW_UPDATE, word } from '../fuzz/frames.ts'
import { ECHO, headers, message, startEcho } from './echo.ts'
import { RawClient } from './raw-client.ts'

const FLOW_CONTROL_ERROR = 3
const HEADERS = 1
const PREFIX_BYTES = 5

let server: WireServer
let port: number
let one: RawClient
/** Requests that were answered from their bytes. */
let answered: string[] = []

beforeAll(async () => {
  const started = await startEcho()
  server = started.server
  port = started.port
  server.addByteHandler(ECHO.path, (request, start, end, out) => {
    answered.push(request.toString('utf8', start, end))
    out.reserve(end - start)
    out.at += request.copy(out.bytes, out.at, start, end)
    return true
  })
})
afterAll(() => server.forceShutdown())
beforeEach(() => {
  answered = []
  one = new RawClient(port).greet()
})
afterEach(() => one.close())

async function answer(stream: number): Promise<string> {
  const ended = () => one.frames.some((frame) => frame.stream === stream && (frame.flags & END_STREAM) !== 0)
  await until(`the end of stream ${stream}`, ended)
  const data = one.of(DATA).filter((frame) => frame.stream === stream)
  return Buffer.concat(data.map(({ payload }) => payload)).toString('utf8', 5)
}

const unended = (frame: Frame): Frame => ({ ...frame, flags: 0 })
const empty = (stream: number): Frame => ({ type: DATA, flags: END_STREAM, stream, payload: Buffer.alloc(0) })

describe('a request is answered from its bytes', () => {
  it('when headers and body come one behind the other, as of grpc-js, grpc-go and grpc-java', async () => {
    one.send(headers(1), message(1, 'a'))
    expect(await answer(1)).toBe('a')
    expect(answered).toEqual(['a'])
  })

  it('when the window for its answer grows in between, as of C-core', async () => {
    one.send(headers(1), word(WINDOW_UPDATE, 1, 5), message(1, 'b'), word(WINDOW_UPDATE, 0, 5))
    expect(await answer(1)).toBe('b')
    expect(answered).toEqual(['b'])
  })

  it('when an empty frame ends it, as of tonic', async () => {
    one.send(headers(1), unended(message(1, 'c')), empty(1))
    expect(await answer(1)).toBe('c')
    expect(answered).toEqual(['c'])
  })

  it('when many are begun before the first is complete, in any order', async () => {
    one.send(headers(1), headers(3), headers(5), message(3, '3'), unended(message(5, '5')), message(1, '1'), empty(5))
    expect(await Promise.all([1, 3, 5].map(answer))).toEqual(['1', '3', '5'])
    expect(answered).toEqual(['3', '1', '5'])
  })
})

describe('a request is answered all the same', () => {
  it('wherever it is cut on its way', async () => {
    const whole = (stream: number) =>
      Buffer.concat(
        [headers(stream), word(WINDOW_UPDATE, stream, 5), unended(message(stream, 'cut')), empty(stream)].map(bytesOf),
      )
    const { length } = whole(1)
    for (let cut = 1; cut < length; cut += 1) {
      const stream = 2 * cut - 1
      const bytes = whole(stream)
      one.write(bytes.subarray(0, cut))
      await new Promise((resolve) => setImmediate(resolve))
      one.write(bytes.subarray(cut))
      expect(await answer(stream)).toBe('cut')
    }
  })

  it('when its message comes in pieces', async () => {
    const { payload, ...frame } = message(1, 'in pieces')
    one.send(
      headers(1),
      { ...frame, flags: 0, payload: payload.subarray(0, 7) },
      { ...frame, flags: 0, payload: payload.subarray(7) },
      empty(1),
    )
    expect(await answer(1)).toBe('in pieces')
    expect(answered).toEqual([])
  })

  it('when the window of its answer grew beyond measure: with the error that this is', async () => {
    one.send(headers(1), word(WINDOW_UPDATE, 1, 2 ** 31 - 1), message(1, 'd'))
    await until('a reset', () => one.of(RST_STREAM).length > 0)
    expect(one.of(RST_STREAM)[0]?.payload.readUInt32BE()).toBe(FLOW_CONTROL_ERROR)
    one.send(headers(3), message(3, 'next'))
    expect(await answer(3)).toBe('next')
  })

  it('and the windows of the connection stay as they were, however many come so', async () => {
    const body = 'w'.repeat(1_000)
    one.send(word(WINDOW_UPDATE, 0, 2 ** 30))
    for (let index = 0; index < 3_000; index += 1) {
      const stream = 2 * index + 1
      one.send(headers(stream), unended(message(stream, body)), index % 2 === 0 ? empty(stream) : message(stream, ''))
      if (index % 100 === 99) await until('answers', () => one.of(HEADERS).length >= index)
    }
    await until('all answers', () => one.of(HEADERS).filter(({ flags }) => (flags & END_STREAM) !== 0).length === 3_000)
    const grants = one.of(WINDOW_UPDATE).filter(({ stream }) => stream === 0)
    const [first, ...given] = grants.map(({ payload }) => payload.readUInt32BE())
    expect(first).toBeGreaterThan(0)
    const sent = 3_000 * (PREFIX_BYTES + body.length) + 1_500 * PREFIX_BYTES
    expect(given.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(sent)
    // What is not given back yet is less than the step in which that is done.
    expect(given.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(sent - 1_024 * 1_024)
  })
})
