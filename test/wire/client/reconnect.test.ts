import { type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { Backoff } from '../../../src/wire/grpc/backoff.ts'
import { WireClient, type WireClientOptions } from '../../../src/wire/grpc/wire-client.ts'
import { freePort } from '../../support/free-port.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { until } from '../../support/until.ts'
import { echoServer, UNARY } from './echo-server.ts'
import { rawServer } from './raw-server.ts'

type Reply = sendUnaryData<Buffer>
type Call = ServerUnaryCall<Buffer, Buffer>

const MAX_STREAMS = 3
const HELLO = Buffer.from('hello')
const echo = (call: Call, reply: Reply) => reply(null, call.request)
const codeOf = (call: Promise<Buffer>) => call.then(String, ({ code }) => code as number)

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(Unary: (call: Call, reply: Reply) => void, port = 0) {
  const started = await echoServer({ Unary }, { port })
  closing.push(() => started.server.forceShutdown())
  return started
}

function clientOf(target: string, options: Partial<WireClientOptions> = {}) {
  const client = new WireClient({ target, ...options })
  closing.push(() => client.close())
  return client
}

const chanceOf = (uniform: number) => ({ uniform: () => uniform, bytes: (size: number) => Buffer.alloc(size) })

describe('while there is no server', () => {
  it('calls fail at once, or wait if they say so until there is one', async () => {
    const port = await freePort()
    const client = clientOf(`127.0.0.1:${port}`)
    const waiting = client.unary(UNARY, HELLO, { waitForReady: true, timeoutMs: 50_000 })
    expect(await codeOf(client.unary(UNARY, HELLO))).toBe(status.UNAVAILABLE)
    expect(await codeOf(client.unary(UNARY, HELLO))).toBe(status.UNAVAILABLE)
    await serve(echo, port)
    expect(await waiting).toEqual(HELLO)
    expect(await client.unary(UNARY, HELLO)).toEqual(HELLO)
  })

  it('the next attempt comes when the backoff says, not earlier', async () => {
    const clock = new ManualClock()
    const port = await freePort()
    const client = clientOf(`127.0.0.1:${port}`, { clock, chance: chanceOf(0.5) })
    expect(await codeOf(client.unary(UNARY, HELLO))).toBe(status.UNAVAILABLE)
    await serve(echo, port)
    await clock.advance(49)
    expect(await codeOf(client.unary(UNARY, HELLO))).toBe(status.UNAVAILABLE)
    await clock.advance(1)
    expect(await client.unary(UNARY, HELLO)).toEqual(HELLO)
  })

  it('waits grow from 50 ms to 5 s, a fifth more or less, and begin anew after a success', () => {
    const waitsOf = (chance: number) => {
      const backoff = new Backoff(chanceOf(chance))
      const waits = Array.from({ length: 9 }, () => Math.round(backoff.failed()))
      backoff.succeeded()
      return [...waits, Math.round(backoff.failed())]
    }
    expect(waitsOf(0.5)).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 50])
    expect(waitsOf(0)).toEqual([40, 80, 160, 320, 640, 1_280, 2_560, 4_000, 4_000, 40])
    expect(waitsOf(1).at(-2)).toBe(6_000)
  })
})

describe('a connection that is lost', () => {
  it('fails what was under way and is made again for the next call', async () => {
    const calls: Call[] = []
    const first = await serve((call) => void calls.push(call))
    const client = clientOf(first.target)
    const lost = codeOf(client.unary(UNARY, HELLO))
    await until('the call', () => calls.length === 1)
    first.server.forceShutdown()
    expect(await lost).toBe(status.UNAVAILABLE)
    await serve(echo, first.port)
    expect(await client.unary(UNARY, HELLO, { waitForReady: true, timeoutMs: 50_000 })).toEqual(HELLO)
  })
})

describe('a server that ends each connection as soon as it is made', () => {
  it('is tried again no sooner than one that cannot be reached', async () => {
    const clock = new ManualClock()
    // No room for a stream: the call waits while connections come and go.
    const server = await rawServer({
      greet(peer) {
        peer.settings([MAX_STREAMS, 0])
        peer.socket.end()
      },
    })
    closing.push(() => server.close())
    const client = clientOf(server.target, { clock, chance: chanceOf(0.5) })
    const call = codeOf(client.unary(UNARY, HELLO, { waitForReady: true }))
    for (const [index, waitMs] of [50, 100, 200].entries()) {
      // It fails when the connection is lost, since it does not wait for another.
      expect(await codeOf(client.unary(UNARY, HELLO))).toBe(status.UNAVAILABLE)
      await clock.advance(waitMs - 1)
      expect(server.peers).toHaveLength(index + 1)
      await clock.advance(1)
    }
    await client.close()
    expect(await call).toBe(status.CANCELLED)
  })
})

describe('a server that drains', () => {
  it('finishes what it has begun, while further calls go to its successor', async () => {
    const replies: Reply[] = []
    const first = await serve((_call, reply) => void replies.push(reply))
    const client = clientOf(first.target)
    const begun = client.unary(UNARY, HELLO)
    await until('the call', () => replies.length === 1)
    const gone = new Promise<void>((resolve) => first.server.tryShutdown(() => resolve()))
    await serve(echo, first.port)
    const next = await client.unary(UNARY, HELLO, { waitForReady: true, timeoutMs: 50_000 })
    expect(next).toEqual(HELLO)
    replies[0]?.(null, Buffer.from('late'))
    expect(await begun).toEqual(Buffer.from('late'))
    await gone
  })
})
