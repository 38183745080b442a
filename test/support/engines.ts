import { Server, ServerCredentials } from '@grpc/grpc-js'
import { systemClock } from '../../src/base/clock.ts'
import { WireServer } from '../../src/wire/grpc/wire-server.ts'

/** What a server engine has of the server of grpc-js, with its signatures. */
export type RpcServer = Pick<Server, 'addService' | 'bindAsync' | 'tryShutdown' | 'forceShutdown'>

/** Engines by name; all that is proved of one is proved of all. */
export const ENGINES = {
  'grpc-js': (): RpcServer => new Server(),
  wire: (): RpcServer => new WireServer({ clock: systemClock }),
} as const

export type Engine = keyof typeof ENGINES

export const ENGINE_NAMES = Object.keys(ENGINES) as Engine[]

/** Listens on a free port of 127.0.0.1, or on the given one; resolves with `host:port`. */
export function listen(server: RpcServer, wanted = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wanted}`, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(`127.0.0.1:${port}`) : reject(error),
    )
  })
}
