import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from './engine-under-test.ts'
import { type Rig, startRig } from './harness.ts'

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const PATH = '/ringside.v1.Cache/Get'

let rig: Rig
let session: ClientHttp2Session

beforeAll(async () => {
  rig = await startRig()
  session = connectHttp2(`http://${rig.tcp}`)
})

afterAll(async () => {
  session.destroy()
  await rig.close()
})

/** Writes bytes on a connection of their own; resolves when the server has closed it. */
function send(bytes: Buffer): Promise<void> {
  const [host, port] = rig.tcp.split(':')
  return new Promise((resolve) => {
    const socket = connect({ host: host!, port: Number(port) }, () => socket.end(bytes))
    socket.resume()
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })
}

/** A gRPC call made by hand; resolves with its `grpc-status`, or its reset. */
function callRaw(body: Buffer, headers: Record<string, string> = {}, path = PATH): Promise<string> {
  return new Promise((resolve) => {
    const defaults = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }
    const stream = session.request({ ...defaults, ...headers })
    stream.on('response', (found) => found['grpc-status'] && resolve(`status ${found['grpc-status']}`))
    stream.on('response', (found) => found[':status'] !== 200 && resolve(`http ${found[':status']}`))
    stream.on('trailers', (found) => resolve(`status ${found['grpc-status']}`))
    stream.on('error', () => {})
    stream.on('close', () => resolve('closed'))
    stream.resume()
    stream.end(body)
  })
}

function frame(message: Buffer, length = message.length, compressed = 0): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(compressed, 0)
  head.writeUInt32BE(length, 1)
  return Buffer.concat([head, message])
}

const GET_PRODUCT_1 = Buffer.from('\x0a\x07product\x12\x011', 'latin1')

async function stillServes(): Promise<void> {
  expect(await callRaw(frame(GET_PRODUCT_1))).toBe('status 0')
  expect(await rig.client.get({ keyspace: 'product', key: '1' })).toMatchObject({ outcome: 'OUTCOME_NOT_FOUND' })
}

describe('the server lives on after', () => {
  it.each([
    ['random bytes', Buffer.from('\x00\xff\x13\x37garbage\r\n\r\n', 'latin1')],
    ['an HTTP/1.1 request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a TLS hello', Buffer.from('160301020001000001fc0303', 'hex')],
    ['a preface without settings', Buffer.concat([PREFACE, Buffer.alloc(64, 0xff)])],
    ['nothing at all', Buffer.alloc(0)],
  ])('%s', async (_, bytes) => {
    await send(bytes)
    await stillServes()
  })

  it.each([
    ['an endless number', frame(Buffer.from([0x20, ...Array<number>(12).fill(0xff)])), 'status 13'],
    ['a field of an unknown kind', frame(Buffer.from([0x4f, 1, 2])), 'status 13'],
    ['a string longer than its message', frame(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])), 'status 3'],
    ['a length far over the limit', frame(Buffer.alloc(8), 0xffffffff), 'status 8'],
    ['no message', Buffer.alloc(0), 'status 12'],
    // The library reads on; the protocol asks for an error.
    [
      'a message compressed by nothing known',
      frame(GET_PRODUCT_1, GET_PRODUCT_1.length, 2),
      ENGINE === 'wire' ? 'status 13' : 'status 0',
    ],
  ])('%s', async (_, body, ending) => {
    expect(await callRaw(body)).toBe(ending)
    await stillServes()
  })

  it('a message cut short', async () => {
    await callRaw(frame(GET_PRODUCT_1, GET_PRODUCT_1.length + 5))
    await stillServes()
  })

  it('a content type that is not gRPC, and a method that does not exist', async () => {
    expect(await callRaw(frame(GET_PRODUCT_1), { 'content-type': 'text/plain' })).toBe('http 415')
    expect(await callRaw(frame(GET_PRODUCT_1), {}, '/ringside.v1.Cache/Nope')).toBe('status 12')
    await stillServes()
  })
})

describe('a deadline', () => {
  it('that has passed on arrival keeps the cache from being asked', async () => {
    rig.cache.asked.length = 0
    expect(await callRaw(frame(GET_PRODUCT_1), { 'grpc-timeout': '1n' })).toBe('status 4')
    expect(rig.cache.asked).toStrictEqual([])
  })
})
