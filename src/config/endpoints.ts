import { isAbsolute } from 'node:path'
import type { z } from 'zod'
import { type Address, parseAddress } from '../base/address.ts'
import { scalar, text } from './scalars.ts'

// The longest path that fits a `sockaddr_un` on Linux, its closing NUL not counted.
const SOCKET_PATH_BYTES = 107

const ADDRESS_ADVICE = 'an address as host:port, such as 127.0.0.1:7400'
const SENTINEL_PORT = '26379'
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

/** A Sentinel, as a URL with its port. */
export function sentinelUrl(): z.ZodType<string, unknown> {
  const advice =
    'the address of a Sentinel as host:port, such as 10.0.1.1:26379, or a redis:// or rediss:// URL with a host'
  return scalar(advice, TEXT_HINT, (input) => {
    const wrong = { ok: false, why: `must be ${advice}` } as const
    if (typeof input !== 'string') return wrong
    const hasScheme = /^rediss?:/i.test(input)
    const url = parseUrl(hasScheme ? input : `redis://${input}`, ['redis:', 'rediss:'])
    // Credentials are looked for, and masked, in URLs only.
    if (url === undefined || (url.username !== '' && !hasScheme) || (url.password !== '' && !hasScheme)) return wrong
    if (url.hostname === '' || !/^\/?$/.test(url.pathname) || url.port === '0') return wrong
    if (url.port === '') url.port = SENTINEL_PORT
    return { ok: true, value: url.href }
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
