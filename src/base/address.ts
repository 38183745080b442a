import type { Parsed } from './parsed.ts'

/** A TCP address to listen on or to call. */
export interface Address {
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number
}

const SHAPE = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/

/** Reads `host:port`, an IPv6 host in brackets. */
export function parseAddress(text: string): Parsed<Address> {
  const match = SHAPE.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined) return { ok: false, why: 'is not an address; write host:port, such as 127.0.0.1:7400' }
  const port = Number(match?.[3])
  if (port > 65_535) return { ok: false, why: 'has a port above 65535; write one from 0 to 65535' }
  return { ok: true, value: { host, port } }
}

export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
