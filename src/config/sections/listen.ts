import { z } from 'zod'
import { formatAddress } from '../../base/address.ts'
import { address, addressOrOff, socketOrOff } from '../endpoints.ts'
import { ruleFor } from '../rule.ts'
import { choice } from '../scalars.ts'

export const listenSection = z.strictObject({
  grpc: addressOrOff().prefault('127.0.0.1:7400').describe('Address of the gRPC server; off for none.'),
  socket: socketOrOff()
    .prefault('/run/ringside/ringside.sock')
    .describe('Unix socket of the gRPC server; off for none.'),
  admin: address().prefault('127.0.0.1:7401').describe('Address of HTTP: probes and metrics.'),
  health: addressOrOff()
    .prefault('off')
    .describe('Address of gRPC health, probes and metrics for others than the pod itself; off for none.'),
  engine: choice(['wire', 'grpc-js'])
    .prefault('wire')
    .describe('Which implementation of gRPC serves: our own, or the library @grpc/grpc-js.'),
})

export type ListenConfig = Readonly<z.output<typeof listenSection>>

const rule = ruleFor<ListenConfig>()

export const listenRules = [
  rule(['grpc', 'socket'], ({ grpc, socket }, report) => {
    if (grpc === undefined && socket === undefined) {
      report(['grpc'], 'is off like `socket`, so nobody could call; give at least one of the two')
    }
  }),
  rule(['grpc', 'admin'], ({ grpc, admin }, report) => {
    if (grpc !== undefined && grpc.port !== 0 && formatAddress(grpc) === formatAddress(admin)) {
      report(['admin'], 'is the same address as `grpc`; give each its own port')
    }
  }),
  // By its port alone: an address such as 0.0.0.0 holds the others.
  rule(['grpc', 'admin', 'health'], ({ grpc, admin, health }, report) => {
    if (health === undefined || health.port === 0) return
    const taken = health.port === admin.port ? 'admin' : health.port === grpc?.port ? 'grpc' : undefined
    if (taken !== undefined) report(['health'], `has the port of \`${taken}\`; give each its own port`)
  }),
]

export function describeListen(listen: ListenConfig): object {
  return {
    grpc: listen.grpc === undefined ? 'off' : formatAddress(listen.grpc),
    socket: listen.socket ?? 'off',
    admin: formatAddress(listen.admin),
    health: listen.health === undefined ? 'off' : formatAddress(listen.health),
    engine: listen.engine,
  }
}
