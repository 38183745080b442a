import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials, type ServerOptions, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { systemClock } from '../../../src/base/clock.ts'
import { WireServer } from '../../../src/wire/grpc/wire-server.ts'

const bytes = (value: Buffer) => value
const method = (name: string, streams: { request?: boolean; response?: boolean } = {}) => ({
  path: `/test.Echo/${name}`,
  requestStream: streams.request ?? false,
  responseStream: streams.response ?? false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
})

/** A service whose messages are plain bytes. */
export const ECHO = {
  Unary: method('Unary'),
  Down: method('Down', { response: true }),
  Up: method('Up', { request: true }),
  Both: method('Both', { request: true, response: true }),
}
export const UNARY = ECHO.Unary.path

/** What both engines have in common. */
type Engine = Pick<Server, 'addService' | 'bindAsync' | 'tryShutdown' | 'forceShutdown'>

export interface EchoServer {
  readonly server: Engine
  readonly target: string
  readonly port: number
}

export interface EchoOptions {
  /** Of grpc-js. */
  readonly options?: ServerOptions
  readonly port?: number
  readonly unix?: boolean
  readonly engine?: 'grpc-js' | 'wire'
}

const LARGEST = 64 * 1024 * 1024

/** A bare server of `ECHO`, by default of grpc-js, on TCP, or on a Unix socket. */
export async function echoServer(
  implementation: UntypedServiceImplementation,
  { options = {}, port = 0, unix = false, engine = 'grpc-js' }: EchoOptions = {},
): Promise<EchoServer> {
  const server: Engine =
    engine === 'wire'
      ? new WireServer({ clock: systemClock, maxMessageBytes: LARGEST })
      : new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1, ...options })
  server.addService(ECHO, implementation)
  const target = unix ? `unix:${join(mkdtempSync(join(tmpdir(), 'wire-')), 's.sock')}` : `127.0.0.1:${port}`
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(target, ServerCredentials.createInsecure(), (error, at) => (error ? reject(error) : resolve(at)))
  })
  return { server, target: unix ? target : `127.0.0.1:${bound}`, port: bound }
}
