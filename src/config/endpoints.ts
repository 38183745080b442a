import { isAbsolute } from 'node:path'
import type { z } from 'zod'
import { type Address, parseAddress } from '../base/address.ts'
import { scalar, text } from './scalars.ts'

// The longest path that fits a `sockaddr_un` on Linux, its closing NUL not counted.
const SOCKET_PATH_BYTES = 107

const ADDRESS_ADVICE = 'an address as host:port, such as 127.0.0.1:7400'
const TEXT_HINT = { type: 'string' }

export function address(): z.ZodType<Address, unknown> {
  return scalar(ADDRESS_ADVICE, TEXT_HINT, (input) =>
    typeof input === 'string' ? parseAddress(input) : { ok: false, why: `must be ${ADDRESS_ADVICE}` },
  )
}

/** An address; `undefined` for `off` and `''`. */
export function addressOrOff(): z.ZodType<Address | undefined, unknown> {
  const advice = `${ADDRESS_ADVICE}, or off`
  return scalar<Address | undefined>(advice, TEXT_HINT, (input) => {
    if (isOff(input)) return { ok: true, value: undefined }
    return typeof input === 'string' ? parseAddress(input) : { ok: false, why: `must be ${advice}` }
  })
}

/** The path of a Unix socket; `undefined` for `off` and `''`. */
export function socketOrOff(): z.ZodType<string | undefined, unknown> {
  const advice = `an absolute path of at most ${SOCKET_PATH_BYTES} bytes, or off`
  return scalar(advice, TEXT_HINT, (input) => {
    if (isOff(input)) return { ok: true, value: undefined }
    const right = typeof input === 'string' && isAbsolute(input) && Buffer.byteLength(input) <= SOCKET_PATH_BYTES
    return right && !input.includes('\0') ? { ok: true, value: input } : { ok: false, why: `must be ${advice}` }
  })
}

export function redisUrl(): z.ZodType<string, unknown> {
  const advice =
    'a redis:// or rediss:// URL with a host, such as redis://10.0.0.1:6379 (percent-encode special characters of user and password)'
  return text(advice, {}, (input) => {
    const url = parseUrl(input, ['redis:', 'rediss:'])
    return url !== undefined && url.hostname !== '' && /^(?:\/\d*)?$/.test(url.pathname)
  })
}

export function postgresUrl(): z.ZodType<string, unknown> {
  const advice =
    'a postgres:// URL, such as postgres://user@10.0.0.1:5432/shop (percent-encode special characters of user and password)'
  return text(advice, {}, (input) => parseUrl(input, ['postgres:', 'postgresql:']) !== undefined)
}

function parseUrl(input: string, protocols: readonly string[]): URL | undefined {
  const url = URL.canParse(input) ? new URL(input) : undefined
  return url !== undefined && protocols.includes(url.protocol) ? url : undefined
}

function isOff(input: unknown): boolean {
  return input === '' || input === 'off'
}
