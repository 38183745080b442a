import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Cache } from '../cache/cache.ts'
import type { Locks } from '../cache/locks.ts'
import type { WireServerStats } from '../wire/grpc/wire-server.ts'
import { type AdminSources, adminService } from './admin-service.ts'
import { cacheService } from './cache-service.ts'
import type { CallMeter } from './call.ts'
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts'
import type { EngineName } from './engine.ts'
import type { Health } from './health.ts'
import { lockService } from './lock-service.ts'
import { nearAnswers } from './near-answers.ts'
import { type ListenOptions, type ServerAddresses, ServiceServer } from './service-server.ts'

/** Room for the other fields of a message beside its value, so that a value a bit too large meets our own error. */
const MESSAGE_OVERHEAD_BYTES = 64 * 1024

/** Keyspace, tenant and key of one entry of a batch, at their longest. */
const BATCH_ENTRY_BYTES = 2 * 1024

/** One answer to a `BatchGet` holds as much as so many of the largest values: it is built in memory before it is sent. */
const BATCH_VALUES = 16

export interface GrpcServerOptions {
  readonly cache: Cache
  readonly listen: ListenOptions
  readonly engine: EngineName
  readonly limits: {
    /** Largest value, in bytes. */
    readonly value: number
    /** Most keys of one call. */
    readonly batch: number
    /** Most calls that may wait for their answer at once. */
    readonly inFlight: number
  }
  /** What `Admin` tells of. */
  readonly admin: AdminSources
  /** `undefined` = there are none. */
  readonly locks?: Pick<Locks, 'acquire' | 'renew' | 'release'> | undefined
  /** Why no work should be taken now. */
  readonly overload: DispatcherOptions['overload']
  readonly clock: Clock
  readonly log: Log
  readonly meter: CallMeter
}

/** The gRPC edge of the sidecar. */
export interface GrpcServer {
  /** What it tells of itself, to be told elsewhere as well. */
  readonly health: Health
  /** Listens; rejects with `CONFIG_INVALID` when an address cannot be had. */
  start(): Promise<void>
  addresses(): ServerAddresses
  setReady(ready: boolean): void
  /** Lets so many calls wait for their answer at once from now on. */
  limitInFlight(calls: number): void
  /** Calls whose answers are being worked on. */
  inFlight(): number
  /** What the engine counts; ours alone does. */
  engineStats(): WireServerStats | undefined
  /** Stops taking calls, lets those in flight finish for at most `withinMs`, and cuts off the rest. */
  drain(withinMs: number): Promise<void>
  /** At once: calls in flight are cut off. */
  close(): Promise<void>
}

export function createGrpcServer({
  cache,
  admin,
  locks,
  listen,
  engine,
  limits,
  overload,
  clock,
  log,
  meter,
}: GrpcServerOptions): GrpcServer {
  const dispatcher = new Dispatcher({ clock, log, meter, maxInFlight: limits.inFlight, overload })
  const { value: valueBytes, batch } = limits
  const cacheServed = cacheService({ cache, clock, log, valueBytes, batch, batchBytes: BATCH_VALUES * valueBytes })
  const server = new ServiceServer({
    engine,
    services: [cacheServed, adminService(admin, clock), lockService(locks)],
    byteHandlers: { '/ringside.v1.Cache/Get': nearAnswers({ cache, clock, meter }) },
    dispatcher,
    listen,
    messageBytes: Math.max(valueBytes, batch * BATCH_ENTRY_BYTES) + MESSAGE_OVERHEAD_BYTES,
    clock,
    log,
  })
  return {
    health: server.health,
    start: () => server.start(),
    addresses: () => server.addresses(),
    setReady: (ready) => server.setReady(ready),
    limitInFlight: (calls) => dispatcher.limitInFlight(calls),
    inFlight: () => dispatcher.inFlight,
    engineStats: () => server.stats(),
    drain: (withinMs) => server.drain(withinMs),
    close: () => server.close(),
  }
}
