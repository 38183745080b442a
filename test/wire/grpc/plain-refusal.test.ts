import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { WireServer } from '../../../src/wire/grpc/wire-server.ts'
import { addTestService } from '../../interop/test-service.ts'
import { listen } from '../../support/engines.ts'

const server = new WireServer({ clock: systemClock })
let session: ClientHttp2Session

beforeAll(async () => {
  addTestService(server)
  session = connect(`http://${await listen(server)}`)
})

afterAll(() => {
  session.destroy()
  server.forceShutdown()
})

interface Answer {
  readonly status: number | undefined
  readonly body: string
  /** Of the RST_STREAM that ended the stream; 0 when it just ended. */
  readonly code: number
}

function ask(headers: IncomingHttpHeaders & Record<string, string>, body?: Buffer): Promise<Answer> {
  return new Promise((resolve) => {
    const stream = session.request(headers, { endStream: body === undefined })
    let status: number | undefined
    let text = ''
    stream.on('response', (found) => {
      status = found[':status']
    })
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    stream.on('error', () => {})
    stream.on('close', () => resolve({ status, body: text, code: stream.rstCode }))
    if (body !== undefined) stream.end(body)
  })
}

describe('what is no gRPC call', () => {
  it('is refused in the words of HTTP, and its stream ends without a reset', async () => {
    expect(await ask({ ':method': 'GET', ':path': '/' })).toEqual({
      status: 405,
      body: 'A gRPC call is a POST.\n',
      code: 0,
    })
    expect(await ask({ ':method': 'POST', ':path': '/', 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      code: 0,
    })
  })

  it('is answered without a body when it asks for none', async () => {
    expect(await ask({ ':method': 'HEAD', ':path': '/' })).toEqual({ status: 405, body: '', code: 0 })
  })

  it('is read to its end, past the first window, before it is refused', async () => {
    const answer = await ask({ ':method': 'PUT', ':path': '/' }, Buffer.alloc(3_000_000))
    expect(answer).toEqual({ status: 405, body: 'A gRPC call is a POST.\n', code: 0 })
  })
})
