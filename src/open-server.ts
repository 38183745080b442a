import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import type { Cache } from './cache/cache.ts'
import type { Locks } from './cache/locks.ts'
import type { Config } from './config/config.ts'
import { TokenFile } from './config/token-file.ts'
import type { Overload } from './guard/overload.ts'
import type { RequestMeter } from './metrics/request-meter.ts'
import { AdminGate } from './rpc/admin-gate.ts'
import type { AdminSources } from './rpc/admin-service.ts'
import { createGrpcServer, type GrpcServer } from './rpc/grpc-server.ts'

export interface ServerSurroundings {
  readonly cache: Cache
  readonly locks: Locks | undefined
  readonly admin: Omit<AdminSources, 'gate'>
  readonly overload: Overload
  readonly meter: RequestMeter
  readonly clock: Clock
  readonly log: Log
}

export interface OpenedServer {
  readonly server: GrpcServer
  /** What lets callers of `Admin` in over TCP. */
  readonly token: TokenFile
}

/** The gRPC edge as it is configured. */
export function openServer(config: Config, { overload, admin, ...parts }: ServerSurroundings): OpenedServer {
  const { listen, limits } = config
  const token = new TokenFile(config.admin.tokenFile, parts)
  const server = createGrpcServer({
    ...parts,
    listen: { tcp: listen.grpc, socket: listen.socket },
    engine: listen.engine,
    limits: { value: limits.valueBytes, batch: limits.batch, inFlight: limits.inFlight },
    admin: { ...admin, gate: new AdminGate({ token: () => token.token }) },
    overload: () => overload.refusal(),
  })
  return { server, token }
}
