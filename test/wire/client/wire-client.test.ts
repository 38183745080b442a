import { Metadata, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { WireClient, type WireClientOptions } from '../../../src/wire/grpc/wire-client.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { until } from '../../support/until.ts'
import { type EchoOptions, echoServer, UNARY } from './echo-server.ts'

type Call = ServerUnaryCall<Buffer, Buffer>
type Reply = sendUnaryData<Buffer>

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Unary = (call: Call, reply: Reply) => void
const echo: Unary = (call, reply) => reply(null, call.request)

async function pair(Unary: Unary, { client, ...server }: EchoOptions & { client?: Partial<WireClientOptions> } = {}) {
  const { server: grpc, target } = await echoServer({ Unary }, server)
  closing.push(() => grpc.forceShutdown())
  const wire = new WireClient({ target, ...client })
  closing.push(() => wire.close())
  return { client: wire, server: grpc }
}

const HELLO = Buffer.from('hello')

describe('a unary call', () => {
  it('takes the answer back over TCP and over a Unix socket', async () => {
    for (const unix of [false, true]) {
      const { client } = await pair(echo, { unix })
      expect(await client.unary(UNARY, HELLO)).toEqual(HELLO)
      expect(await client.unary(UNARY, Buffer.alloc(0))).toEqual(Buffer.alloc(0))
    }
  })

  it('is answered with its own answer among a thousand others', async () => {
    const { client } = await pair((call, reply) => setImmediate(() => reply(null, call.request)))
    const asked = Array.from({ length: 1_000 }, (_, index) => `call ${index}`)
    const answers = await Promise.all(asked.map((text) => client.unary(UNARY, Buffer.from(text))))
    expect(answers.map(String)).toEqual(asked)
  })

  it.each(['grpc-js', 'wire'] as const)('carries messages larger than every window, both ways: %s', async (engine) => {
    const { client } = await pair(echo, { engine, client: { maxMessageBytes: 32 * 1024 * 1024 } })
    const large = Array.from({ length: 3 }, (_, index) => Buffer.alloc(9 * 1024 * 1024 + index, index + 1))
    const answers = await Promise.all(large.map((message) => client.unary(UNARY, message)))
    expect(answers.map((answer, index) => answer.equals(large[index] as Buffer))).toEqual([true, true, true])
  })

  it('refuses an answer that is too large, and goes on with the next', async () => {
    const { client } = await pair(echo, { client: { maxMessageBytes: 1_000 } })
    await expect(client.unary(UNARY, Buffer.alloc(1_001))).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    expect((await client.unary(UNARY, Buffer.alloc(1_000))).length).toBe(1_000)
  })

  it('takes answers that are compressed by gzip, as long as they are small enough when expanded', async () => {
    const options = { 'grpc.default_compression_algorithm': 2 as const }
    const { client } = await pair(echo, { options, client: { maxMessageBytes: 100_000 } })
    const message = Buffer.alloc(100_000, 'ab')
    expect(await client.unary(UNARY, message)).toEqual(message)
    await expect(client.unary(UNARY, Buffer.alloc(100_001))).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
  })

  it('fails with the code, message and metadata that the server gives', async () => {
    const metadata = new Metadata()
    metadata.set('grpc-status-details-bin', Buffer.from([0, 255, 7]))
    metadata.set('x-why', 'because')
    const { client } = await pair((_call, reply) => reply({ code: status.ABORTED, details: 'nö: 100 %', metadata }))
    const failure = await client.unary(UNARY, HELLO).catch((error) => error)
    expect(failure).toMatchObject({ name: 'WireStatus', code: status.ABORTED, message: 'nö: 100 %' })
    expect(failure.metadata.get('grpc-status-details-bin')).toEqual([Buffer.from([0, 255, 7])])
    expect(failure.metadata.get('x-why')).toEqual(['because'])
  })

  it('gives each of many failures its own message', async () => {
    const { client } = await pair((call, reply) => reply({ code: status.ABORTED, details: `no ${call.request}` }))
    const calls = ['a', 'b', 'a'].map((text) => client.unary(UNARY, Buffer.from(text)).catch(({ message }) => message))
    expect(await Promise.all(calls)).toEqual(['no a', 'no b', 'no a'])
  })

  it('fails with UNIMPLEMENTED for a method that there is none of', async () => {
    const { client } = await pair(echo)
    await expect(client.unary('/test.Echo/None', HELLO)).rejects.toMatchObject({ code: status.UNIMPLEMENTED })
  })

  it('sends metadata', async () => {
    const { client } = await pair((call, reply) => {
      const [text, bytes] = [call.metadata.get('x-text'), call.metadata.get('x-data-bin')]
      reply(null, Buffer.from(JSON.stringify([text, bytes.map(String)])))
    })
    const metadata = new Metadata()
    metadata.set('x-text', 'plain')
    metadata.set('x-data-bin', Buffer.from('bytes'))
    expect(JSON.parse(String(await client.unary(UNARY, HELLO, { metadata })))).toEqual([['plain'], ['bytes']])
  })
})

describe('a deadline', () => {
  it('is told to the server', async () => {
    const { client } = await pair((call, reply) => {
      const left = Number(call.getDeadline()) - Date.now()
      reply(null, Buffer.from(String(left > 50_000 && left <= 61_000)))
    })
    expect(String(await client.unary(UNARY, HELLO, { timeoutMs: 60_000 }))).toBe('true')
  })

  it('ends the call by the clock, at the client and at the server', async () => {
    const clock = new ManualClock()
    const calls: Call[] = []
    const { client } = await pair((call) => void calls.push(call), { client: { clock } })
    const early = client.unary(UNARY, HELLO, { timeoutMs: 100_000 }).catch((error) => error)
    const late = client.unary(UNARY, HELLO, { timeoutMs: 200_000 }).catch((error) => error)
    await until('both calls', () => calls.length === 2)
    await clock.advance(100_000)
    expect(await early).toMatchObject({ code: status.DEADLINE_EXCEEDED })
    await until('a cancelled call', () => calls.some(({ cancelled }) => cancelled))
    expect(calls.filter(({ cancelled }) => cancelled).length).toBe(1)
    await clock.advance(100_000)
    expect(await late).toMatchObject({ code: status.DEADLINE_EXCEEDED })
  })

  it('counts while a call waits for a connection', async () => {
    const clock = new ManualClock()
    const client = new WireClient({ target: '127.0.0.1:1', clock })
    closing.push(() => client.close())
    const call = client.unary(UNARY, HELLO, { timeoutMs: 10_000, waitForReady: true }).catch((error) => error)
    await clock.advance(10_000)
    expect(await call).toMatchObject({ code: status.DEADLINE_EXCEEDED })
  })
})

describe('cancelling', () => {
  it('ends a call at the client and at the server', async () => {
    const calls: Call[] = []
    const { client } = await pair((call) => void calls.push(call))
    const gone = new AbortController()
    const call = client.unary(UNARY, HELLO, { signal: gone.signal }).catch((error) => error)
    await until('the call', () => calls.length === 1)
    gone.abort()
    expect(await call).toMatchObject({ code: status.CANCELLED })
    await until('its end', () => calls[0]?.cancelled === true)
  })

  it('sends nothing when it comes first', async () => {
    let calls = 0
    const { client } = await pair((call, reply) => {
      calls += 1
      echo(call, reply)
    })
    await expect(client.unary(UNARY, HELLO, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 1 })
    const gone = new AbortController()
    const waiting = client.unary(UNARY, HELLO, { signal: gone.signal }).catch((error) => error)
    gone.abort()
    expect(await waiting).toMatchObject({ code: status.CANCELLED })
    await client.unary(UNARY, HELLO)
    expect(calls).toBe(1)
  })

  it('happens to all calls when the client is closed', async () => {
    const { client } = await pair(() => undefined)
    const calls = [client.unary(UNARY, HELLO), client.unary(UNARY, HELLO)].map((call) => call.catch(({ code }) => code))
    await client.close()
    expect(await Promise.all(calls)).toEqual([status.CANCELLED, status.CANCELLED])
    await expect(client.unary(UNARY, HELLO)).rejects.toMatchObject({ code: status.CANCELLED })
  })
})

describe('the limit of concurrent streams', () => {
  it('makes further calls wait for their turn, in order', async () => {
    let running = 0
    let most = 0
    const order: string[] = []
    const { client } = await pair(
      (call, reply) => {
        running += 1
        most = Math.max(most, running)
        order.push(String(call.request))
        setImmediate(() => {
          running -= 1
          reply(null, call.request)
        })
      },
      { options: { 'grpc.max_concurrent_streams': 3 } },
    )
    const asked = Array.from({ length: 50 }, (_, index) => String(index))
    await Promise.all(asked.map((text) => client.unary(UNARY, Buffer.from(text))))
    expect(most).toBeLessThanOrEqual(3)
    expect(order).toEqual(asked)
  })
})

describe('a target', () => {
  it('is an address or a path', () => {
    expect(() => new WireClient({ target: 'nowhere' })).toThrow('host:port')
  })
})
