import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { WireServer } from '../wire/grpc/wire-server.ts'
import type { Health } from './health.ts'

/** A request of health names a service; nothing larger is anyone's business here. */
const MESSAGE_BYTES = 4 * 1024
/** Calls that one connection may have open at once. */
const MAX_STREAMS = 16

export interface HealthCallsOptions {
  readonly health: Health
  readonly clock: Clock
}

/**
 * What serves gRPC health and no other service on connections that something else has accepted. Our own engine in any
 * case: Node's HTTP/2, which the library stands on, loses what was read of a connection before it was handed over.
 */
export function healthCalls({ health, clock }: HealthCallsOptions): (socket: Socket) => void {
  const server = new WireServer({ clock, maxMessageBytes: MESSAGE_BYTES, maxStreams: MAX_STREAMS })
  health.addTo(server)
  return (socket) => server.serve(socket)
}
