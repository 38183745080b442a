import type { AddressInfo, Server } from 'node:net'
import { type Address, formatAddress } from '../base/address.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

/** Has a server listen where `key` of the configuration says. Rejects with `CONFIG_INVALID` when that cannot be had. */
export function listenOn(server: Server, address: Address, key: string, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(listenFailure(key, address, cause)))
    server.listen({ host: address.host, port: address.port }, () => {
      server.removeAllListeners('error')
      server.on('error', (error) => log.error({ key, stack: error.stack }, 'a server for probes failed'))
      resolve()
    })
  })
}

/** Host and port that a server listens on; `undefined` before it does and after it was closed. */
export function addressOf(server: Server): string | undefined {
  const bound = server.address() as AddressInfo | null
  return bound === null ? undefined : formatAddress({ host: bound.address, port: bound.port })
}

function listenFailure(key: string, address: Address, cause: Error): RingsideError {
  const flaw =
    (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? 'is in use by another process; stop it or choose another address'
      : `cannot be listened on (${cause.message}); choose another address`
  return new RingsideError('CONFIG_INVALID', `${key}: ${formatAddress(address)} ${flaw}`, { cause })
}
