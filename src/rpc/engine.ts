import { Server } from '@grpc/grpc-js'
import type { Clock } from '../base/clock.ts'
import { WireServer } from '../wire/grpc/wire-server.ts'

/** `wire`: our own; `grpc-js`: the library. */
export type EngineName = 'wire' | 'grpc-js'

/** What carries the services: what grpc-js' `Server` and ours have in common. */
export type Engine = Pick<Server, 'addService' | 'bindAsync' | 'tryShutdown' | 'forceShutdown'>

export interface EngineOptions {
  readonly engine: EngineName
  /** Largest message taken; the transport answers `RESOURCE_EXHAUSTED` beyond it. */
  readonly messageBytes: number
  readonly clock: Clock
}

/** A peer that stopped answering on an open connection is noticed after a minute and a third. */
const KEEPALIVE_TIME_MS = 60_000
const KEEPALIVE_TIMEOUT_MS = 20_000

export function createEngine({ engine, messageBytes, clock }: EngineOptions): Engine {
  if (engine === 'wire') {
    return new WireServer({
      clock,
      maxMessageBytes: messageBytes,
      keepaliveTimeMs: KEEPALIVE_TIME_MS,
      keepaliveTimeoutMs: KEEPALIVE_TIMEOUT_MS,
    })
  }
  return new Server({
    'grpc.max_receive_message_length': messageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    // Stays on, though nobody reads it: without it `forceShutdown` forgets the open sessions (1.14.7).
    'grpc.enable_channelz': 1,
  })
}
