import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { WireClient, type WireClientOptions } from '../../../src/wire/grpc/wire-client.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { until } from '../../support/until.ts'
import { GRPC_HEADERS, OK_TRAILERS, prefixed, type RawScript, rawServer } from './raw-server.ts'

const UNARY = '/test.Echo/Unary'
const HELLO = Buffer.from('hello')
const [CANCELLED, UNKNOWN, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE] = [1, 2, 8, 12, 13, 14]

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function calling(script: RawScript, options: Partial<WireClientOptions> = {}) {
  const server = await rawServer(script)
  closing.push(() => server.close())
  const client = new WireClient({ target: server.target, ...options })
  closing.push(() => client.close())
  return { server, client }
}

const failureOf = (client: WireClient) =>
  client.unary(UNARY, HELLO).then(
    () => 'answered',
    ({ name, code }) => (name === 'WireStatus' ? code : name),
  )

describe('a server that goes away', () => {
  it('has the calls repeated once that it did not look at, on a new connection', async () => {
    const { server, client } = await calling({
      called(peer, stream) {
        if (peer.number === 1 && stream === 1) return
        if (peer.number > 1) return peer.answer(stream, HELLO)
        peer.goAway(1)
        peer.answer(1, Buffer.from('the last'))
      },
    })
    const answers = await Promise.all([client.unary(UNARY, HELLO), client.unary(UNARY, HELLO)])
    expect(answers.map(String)).toEqual(['the last', 'hello'])
    expect(server.peers.length).toBe(2)
  })

  it('has no call repeated twice', async () => {
    const { server, client } = await calling({ called: (peer) => peer.goAway(0) })
    expect(await failureOf(client)).toBe(UNAVAILABLE)
    expect(server.peers.length).toBe(2)
  })

  it('fails the calls that it may have looked at when it breaks the connection', async () => {
    const { client } = await calling({ called: (peer) => peer.socket.destroy() })
    expect(await failureOf(client)).toBe(UNAVAILABLE)
  })

  it('closes a connection of its own accord when the last call has ended', async () => {
    const { server, client } = await calling({
      called(peer, stream) {
        peer.goAway(stream)
        peer.answer(stream, HELLO)
      },
    })
    await client.unary(UNARY, HELLO)
    await until('the end of the connection', () => server.peers[0]?.socket.readableEnded === true)
  })
})

describe('a stream that is reset', () => {
  it('is repeated once when it was refused', async () => {
    const streams: number[] = []
    const { client } = await calling({
      called(peer, stream) {
        streams.push(stream)
        if (stream === 1) peer.reset(stream, 7)
        else peer.answer(stream, HELLO)
      },
    })
    expect(await client.unary(UNARY, HELLO)).toEqual(HELLO)
    expect(streams).toEqual([1, 3])
  })

  it.each([
    ['NO_ERROR', 0, INTERNAL],
    ['REFUSED_STREAM', 7, UNAVAILABLE],
    ['CANCEL', 8, CANCELLED],
    ['ENHANCE_YOUR_CALM', 11, RESOURCE_EXHAUSTED],
  ])('fails by what its code means: %s', async (_name, code, expected) => {
    const { client } = await calling({ called: (peer, stream) => peer.reset(stream, code) })
    expect(await failureOf(client)).toBe(expected)
  })
})

/** An answer of these parts: header blocks, and bytes of DATA; the last one ends it if it is headers. */
const parts =
  (...all: (readonly string[] | Buffer)[]): NonNullable<RawScript['called']> =>
  (peer, stream) => {
    for (const [index, part] of all.entries()) {
      if (Buffer.isBuffer(part)) peer.data(stream, part)
      else peer.headers(stream, part, index > 0 && index === all.length - 1)
    }
  }
const alone =
  (fields: readonly string[]): NonNullable<RawScript['called']> =>
  (peer, stream) =>
    peer.headers(stream, fields, true)

describe('an answer', () => {
  const GZIP = [...GRPC_HEADERS, 'grpc-encoding', 'gzip']
  const answers: readonly [string, NonNullable<RawScript['called']>, number][] = [
    ['that no gRPC server sent', parts([':status', '503', 'content-type', 'text/html']), UNAVAILABLE],
    ['that says not what it is', alone([':status', '200']), UNKNOWN],
    ['that ends without a status', parts(GRPC_HEADERS, prefixed(HELLO), ['x-other', '1']), UNKNOWN],
    ['without a message', parts(GRPC_HEADERS, OK_TRAILERS), UNIMPLEMENTED],
    ['of two messages', parts(GRPC_HEADERS, Buffer.concat([prefixed(HELLO), prefixed(HELLO)])), UNIMPLEMENTED],
    ['whose message is cut off', parts(GRPC_HEADERS, prefixed(HELLO).subarray(0, 7), OK_TRAILERS), INTERNAL],
    ['that is compressed without saying how', parts(GRPC_HEADERS, prefixed(HELLO, 1)), INTERNAL],
    [
      'that is compressed in a way we did not offer',
      parts([...GRPC_HEADERS, 'grpc-encoding', 'br'], prefixed(HELLO, 1)),
      UNIMPLEMENTED,
    ],
    ['that is said to be gzip and is not', parts(GZIP, prefixed(HELLO, 1), OK_TRAILERS), INTERNAL],
    ['with a code that there is none of', alone([...GRPC_HEADERS, 'grpc-status', '99']), UNKNOWN],
    ['with DATA before its headers', parts(prefixed(HELLO)), INTERNAL],
    ['with two blocks of headers', parts(GRPC_HEADERS, GRPC_HEADERS, prefixed(HELLO)), INTERNAL],
  ]
  it.each(answers)('%s fails the call', async (_what, called, code) => {
    const { client } = await calling({ called })
    expect(await failureOf(client)).toBe(code)
  })

  it('may come in frames of one byte, after an interim one, and with fields that nobody knows', async () => {
    const { client } = await calling({
      called(peer, stream) {
        peer.headers(stream, [':status', '103', 'link', '</x>'])
        peer.headers(stream, [...GRPC_HEADERS, 'x-strange', 'y'.repeat(500)])
        for (const byte of prefixed(HELLO)) peer.data(stream, Buffer.from([byte]))
        peer.headers(stream, OK_TRAILERS, true)
      },
    })
    expect(await client.unary(UNARY, HELLO)).toEqual(HELLO)
  })
})

describe('a connection', () => {
  it.each([
    ['speaks HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['does not begin with SETTINGS', '\0\0\x08\x06\0\0\0\0\0abcdefgh'],
    ['sends a frame that is too large', '\xff\xff\xff\0\0\0\0\0\0'],
  ])('whose server %s is of no use', async (_what, bytes) => {
    const { client } = await calling({ greet: (peer) => peer.socket.write(Buffer.from(bytes, 'latin1')) })
    expect(await failureOf(client)).toBe(UNAVAILABLE)
  })

  it('that sends anything at all after its SETTINGS hangs no call and throws nothing', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 })
    const broken = async (sent: Uint8Array) => {
      const { client, server } = await calling({
        called(peer) {
          peer.socket.end(sent)
        },
      })
      expect([UNAVAILABLE, INTERNAL, CANCELLED, UNKNOWN]).toContain(await failureOf(client))
      await client.close()
      await server.close()
    }
    await fc.assert(fc.asyncProperty(bytes, broken), { numRuns: 100 })
  })

  it('waits for the server to allow streams at all', async () => {
    const { server, client } = await calling({
      greet: (peer) => peer.settings([3, 0]),
      called: (peer, stream) => peer.answer(stream, HELLO),
    })
    const call = client.unary(UNARY, HELLO)
    await until('a connection', () => server.peers.length === 1)
    server.peers[0]?.settings([3, 1])
    expect(await call).toEqual(HELLO)
  })

  it('is given up when the server answers neither calls nor pings', async () => {
    const clock = new ManualClock()
    let pings = 0
    let calls = 0
    const { client } = await calling(
      {
        deaf: true,
        called: () => {
          calls += 1
        },
        frame: (_peer, type) => {
          if (type === 6) pings += 1
        },
      },
      { clock, keepalive: { afterMs: 10_000, withinMs: 5_000 } },
    )
    const failure = failureOf(client)
    await until('the call', () => calls === 1)
    // What the server has said so far counts as life.
    await clock.advance(20_000)
    await until('a ping', () => pings === 1)
    await clock.advance(5_000)
    expect(await failure).toBe(UNAVAILABLE)
  })
})
