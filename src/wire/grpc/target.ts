import { formatAddress, parseAddress } from '../../base/address.ts'
import { RingsideError } from '../../base/errors.ts'

/** Where a client connects to, as `net.connect` takes it, and what it calls the server in `:authority`. */
export interface Target {
  readonly socket: { readonly path: string } | { readonly host: string; readonly port: number }
  readonly authority: string
}

/** Reads `host:port`, `unix:path` or `unix:///path`. Throws `ARGUMENT_INVALID` for anything else. */
export function parseTarget(text: string): Target {
  const path = /^unix:(?:\/\/(?=\/))?(.+)$/.exec(text)?.[1]
  // A path is no authority (RFC 3986, section 3.2); this is what other gRPC clients send.
  if (path !== undefined) return { socket: { path }, authority: 'localhost' }
  const address = parseAddress(text)
  if (address.ok) return { socket: address.value, authority: formatAddress(address.value) }
  throw new RingsideError('ARGUMENT_INVALID', `target: ${text} ${address.why}, or unix:/path`)
}
