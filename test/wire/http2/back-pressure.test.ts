import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { DATA, END_STREAM, PING, settings, WINDOW_UPDATE, word } from '../fuzz/frames.ts'
import { ECHO, headers, message, startEcho } from './echo.ts'
import { RawClient } from './raw-client.ts'

const INITIAL_WINDOW_SIZE = 4
const LARGEST_WINDOW = 2 ** 31 - 1
const ANSWER_BYTES = 100_000
const PREFIX_BYTES = 5
const REQUESTS = 500

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close()
})

/** A server that answers from bytes, with answers much larger than the requests. */
async function startLarge() {
  const { server, port } = await startEcho()
  closing.push(() => server.forceShutdown())
  const seen = { answered: 0 }
  server.addByteHandler(ECHO.path, (_request, _start, _end, out) => {
    seen.answered += 1
    out.reserve(ANSWER_BYTES)
    out.bytes.fill('b', out.at, out.at + ANSWER_BYTES)
    out.at += ANSWER_BYTES
    return true
  })
  const connect = () => {
    const client = new RawClient(port)
    closing.push(() => client.close())
    return client
      .greet([INITIAL_WINDOW_SIZE, LARGEST_WINDOW])
      .send(word(WINDOW_UPDATE, 0, LARGEST_WINDOW - 65_535), settings())
  }
  return { connect, seen }
}

function gets() {
  return Array.from({ length: REQUESTS }, (_, index) => [headers(2 * index + 1), message(2 * index + 1, 'get')]).flat()
}

describe('a client that asks for far more than it reads', () => {
  it('has its further requests wait, though they have been read, until it does; and each is answered from bytes', async () => {
    const { connect, seen } = await startLarge()
    const one = connect()
      .stopReading()
      .send(...gets())
    const other = connect()
    for (let round = 0; round < 20; round += 1) {
      other.send(headers(2 * round + 1), message(2 * round + 1, 'get'))
      await until('an answer to another', async () => other.of(DATA).length > 7 * round)
    }
    // 50 MB were asked for; the sockets' own buffers take some of it.
    expect(seen.answered).toBeLessThan(REQUESTS / 2)
    one.readOn()
    const ended = () => one.frames.filter(({ flags, type }) => type === 1 && (flags & END_STREAM) !== 0)
    await until('all answers', async () => ended().length === REQUESTS)
    const received = one.of(DATA).reduce((sum, { payload }) => sum + payload.length, 0)
    expect(received).toBe(REQUESTS * (PREFIX_BYTES + ANSWER_BYTES))
    expect(ended().every(({ fields }) => fields.includes('0'))).toBe(true)
  })

  it('is answered in the order of its frames, what waited included', async () => {
    const { connect } = await startLarge()
    const ping = { type: PING, flags: 0, stream: 0, payload: Buffer.from('12345678') }
    const one = connect()
      .stopReading()
      .send(...gets(), ping)
    one.readOn()
    await until('the answer to the ping', async () => one.of(PING).length > 0)
    expect(one.frames.filter(({ flags, type }) => type === 1 && (flags & END_STREAM) !== 0)).toHaveLength(REQUESTS)
  })
})
