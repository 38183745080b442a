import {
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import { WireClient, type WireClientOptions } from '../../../src/wire/grpc/wire-client.ts'
import { deferred } from '../../rpc/deferred.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { until } from '../../support/until.ts'
import { ECHO, type EchoOptions, echoServer } from './echo-server.ts'

type Down = ServerWritableStream<Buffer, Buffer>
type Up = ServerReadableStream<Buffer, Buffer>
type Both = ServerDuplexStream<Buffer, Buffer>

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const none = () => undefined
const SERVICE: UntypedServiceImplementation = { Unary: none, Down: none, Up: none, Both: none }

async function pair(
  service: UntypedServiceImplementation,
  engine: EchoOptions['engine'],
  options?: Partial<WireClientOptions>,
) {
  const { server, target } = await echoServer({ ...SERVICE, ...service }, engine === undefined ? {} : { engine })
  closing.push(() => server.forceShutdown())
  const client = new WireClient({ target, maxMessageBytes: 32 * 1024 * 1024, ...options })
  closing.push(() => client.close())
  return client
}

async function all(messages: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = []
  for await (const message of messages) texts.push(String(message))
  return texts
}

const buffers = (count: number) => Array.from({ length: count }, (_, index) => Buffer.from(`message ${index}`))

function sendBack(call: Both): void {
  call.on('data', (message: Buffer) => call.write(message))
  call.on('end', () => call.end())
}

describe.each(['grpc-js', 'wire'] as const)('a stream from and to %s', (engine) => {
  it('brings all messages of the server, in order', async () => {
    const client = await pair(
      {
        Down(call: Down) {
          for (const message of buffers(200)) call.write(message)
          call.end()
        },
      },
      engine,
    )
    expect(await all(client.stream(ECHO.Down.path, [Buffer.from('go')]))).toEqual(buffers(200).map(String))
  })

  it('takes all messages to the server, which answers one', async () => {
    const client = await pair(
      {
        Up(call: Up, reply: sendUnaryData<Buffer>) {
          const parts: Buffer[] = []
          call.on('data', (part: Buffer) => parts.push(part))
          call.on('end', () => reply(null, Buffer.concat(parts)))
        },
      },
      engine,
    )
    async function* messages() {
      yield* buffers(100)
    }
    expect(await all(client.stream(ECHO.Up.path, messages()))).toEqual([String(Buffer.concat(buffers(100)))])
    expect(await all(client.stream(ECHO.Up.path, []))).toEqual([''])
  })

  it('plays ping-pong', async () => {
    const client = await pair(
      {
        Both: sendBack,
      },
      engine,
    )
    let turn = deferred<void>()
    async function* pings() {
      for (const message of buffers(20)) {
        yield message
        await turn.promise
      }
    }
    const seen: string[] = []
    for await (const pong of client.stream(ECHO.Both.path, pings())) {
      seen.push(String(pong))
      const played = turn
      turn = deferred()
      played.resolve()
    }
    expect(seen).toEqual(buffers(20).map(String))
  })

  it('carries large messages both ways at once', async () => {
    const client = await pair({ Both: sendBack }, engine)
    const large = Array.from({ length: 6 }, (_, index) => Buffer.alloc(2 * 1024 * 1024, index + 1))
    const seen: boolean[] = []
    for await (const message of client.stream(ECHO.Both.path, large)) {
      seen.push(message.equals(large[seen.length] as Buffer))
    }
    expect(seen).toEqual(large.map(() => true))
  })

  it('holds up a server that writes faster than is read', async () => {
    let written = 0
    const message = Buffer.alloc(64 * 1024)
    const client = await pair(
      {
        async Down(call: Down) {
          for (; written < 1_000; written += 1) {
            if (!call.write(message)) await new Promise((resolve) => call.once('drain', resolve))
          }
          call.end()
        },
      },
      engine,
    )
    let count = 0
    let lead = 0
    for await (const _ of client.stream(ECHO.Down.path, [message])) {
      count += 1
      // A reader that takes its time over the first: a server that nobody holds up has written all by then.
      for (let turn = 0; count <= 10 && turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      lead = Math.max(lead, written - count)
    }
    expect(count).toBe(1_000)
    expect(lead).toBeLessThan(500)
  })

  it('tells the status of the server after its messages, once', async () => {
    const client = await pair(
      {
        Down(call: Down) {
          call.write(Buffer.from('first'))
          call.emit('error', { code: status.ABORTED, details: 'no more' })
        },
      },
      engine,
    )
    const reader = client.stream(ECHO.Down.path, [Buffer.alloc(0)])
    expect(String((await reader.next()).value)).toBe('first')
    await expect(reader.next()).rejects.toMatchObject({ code: status.ABORTED, message: 'no more' })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  it('is cancelled when the reader stops', async () => {
    let call: Down | undefined
    const client = await pair(
      {
        Down(opened: Down) {
          call = opened
          opened.write(Buffer.from('first'))
        },
      },
      engine,
    )
    for await (const message of client.stream(ECHO.Down.path, [Buffer.alloc(0)])) {
      expect(String(message)).toBe('first')
      break
    }
    await until('the end of the call', () => call?.cancelled === true)
  })

  it('ends at its deadline', async () => {
    const clock = new ManualClock()
    let isOpen = false
    const client = await pair(
      {
        Both() {
          isOpen = true
        },
      },
      engine,
      { clock },
    )
    const next = client
      .stream(ECHO.Both.path, neverending(), { timeoutMs: 100_000 })
      .next()
      .catch(({ code }) => code)
    await until('the call', () => isOpen)
    await clock.advance(100_000)
    expect(await next).toBe(status.DEADLINE_EXCEEDED)
  })
})

async function* neverending(): AsyncGenerator<Buffer> {
  yield Buffer.from('one')
  await new Promise(() => undefined)
}

describe('a stream', () => {
  it('fails with the source of its messages', async () => {
    const client = await pair({}, 'grpc-js')
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('one')
      throw new Error('the file has ended early')
    }
    const failure = client.stream(ECHO.Up.path, broken()).next()
    await expect(failure).rejects.toMatchObject({
      code: status.CANCELLED,
      message: expect.stringContaining('ended early'),
    })
  })

  it('is not begun with a signal that has aborted', async () => {
    const client = await pair({}, 'grpc-js')
    const call = client.stream(ECHO.Up.path, [], { signal: AbortSignal.abort() })
    await expect(call.next()).rejects.toMatchObject({ code: status.CANCELLED })
  })
})
