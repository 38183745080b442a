import { type MethodDefinition, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { systemClock } from '../../../src/base/clock.ts'
import { WireServer, type WireServerOptions } from '../../../src/wire/grpc/wire-server.ts'
import { END_HEADERS, END_STREAM, type Frame, headerBlock } from '../fuzz/frames.ts'

const same = (bytes: Buffer): Buffer => bytes

export const ECHO: MethodDefinition<Buffer, Buffer> = {
  path: '/test.Echo/Echo',
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
}

/** A server that answers every message with itself. */
export async function startEcho(
  options: Partial<WireServerOptions> = {},
): Promise<{ server: WireServer; port: number }> {
  const server = new WireServer({ clock: systemClock, ...options })
  server.addService(
    { Echo: ECHO },
    { Echo: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => reply(null, call.request) },
  )
  const port = await new Promise<number>((bound, failed) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error ? failed(error) : bound(at),
    )
  })
  return { server, port }
}

export const REQUEST_FIELDS = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/test.Echo/Echo'],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
] as const

export function headers(stream: number, fields: readonly (readonly [string, string])[] = REQUEST_FIELDS): Frame {
  return { type: 1, flags: END_HEADERS, stream, payload: headerBlock(fields) }
}

/** One message, and the end of the stream. */
export function message(stream: number, text: Buffer | string): Frame {
  const body = Buffer.from(text)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(body.length, 1)
  return { type: 0, flags: END_STREAM, stream, payload: Buffer.concat([prefix, body]) }
}
