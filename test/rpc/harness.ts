import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import { AdminGate } from '../../src/rpc/admin-gate.ts'
import { createGrpcServer, type GrpcServer, type GrpcServerOptions } from '../../src/rpc/grpc-server.ts'
import { CacheClient } from './client.ts'
import { ENGINE } from './engine-under-test.ts'
import { FakeCache } from './fake-cache.ts'
import { RecordingLog } from './recording-log.ts'
import { RecordingMeter } from './recording-meter.ts'

const hotKeys = { hottest: async () => [] }
/** Opens TCP. */
export const TOKEN = 'let-me-in'
const gate = new AdminGate({ token: () => TOKEN })
const bumps = { bump: async () => 1 }
const warming = {
  run: () => Promise.reject(new RingsideError('ARGUMENT_INVALID', 'nothing is warmed here')),
}
export const NO_TIER = {
  bumps,
  warming,
  flush: undefined,
  gate,
  hotKeys,
  ring: () => ({ hash: '' }),
  nodes: () => [],
  shards: () => [],
  breakers: () => [],
}
export const LIMITS = { value: 64 * 1024, batch: 10, inFlight: 100 }

/** A real server over a fake cache, on free addresses, with a client. */
export interface Rig {
  readonly server: GrpcServer
  readonly cache: FakeCache
  readonly log: RecordingLog
  readonly meter: RecordingMeter
  readonly client: CacheClient
  /** `host:port`. */
  readonly tcp: string
  readonly socket: string
  close(): Promise<void>
}

export async function startRig(options: Partial<GrpcServerOptions> = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'ringside-rpc-'))
  const socket = join(folder, 'ringside.sock')
  const cache = new FakeCache()
  const log = new RecordingLog()
  const meter = new RecordingMeter()
  const listen = { tcp: { host: '127.0.0.1', port: 0 }, socket }
  const defaults = {
    engine: ENGINE,
    limits: LIMITS,
    clock: systemClock,
    overload: () => undefined,
    admin: NO_TIER,
  } as const
  const server = createGrpcServer({ cache, listen, log, meter, ...defaults, ...options })
  await server.start()
  const tcp = server.addresses().tcp!
  const client = new CacheClient(tcp)
  return {
    server,
    cache,
    log,
    meter,
    client,
    tcp,
    socket,
    close: async () => {
      client.close()
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
