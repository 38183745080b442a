import { PROTOCOL_ERROR, StreamFault } from '../http2/fault.ts'
import { timeoutMsOf } from './timeout.ts'

/** What the headers of a request say. */
export interface RequestHead {
  readonly path: string
  readonly authority: string
  readonly method: string
  readonly contentType: string
  /** `undefined` = it has none; NaN = it has one that cannot be read. */
  readonly timeoutMs: number | undefined
  readonly encoding: string
  readonly acceptsGzip: boolean
  /** -1 = it has none. */
  readonly contentLength: number
  readonly fields: readonly string[]
}

/** Of the connection, and so not of HTTP/2 (RFC 9113, section 8.2.2). */
const OF_CONNECTION = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade'])
/** Lower case, and of visible ASCII without a colon (section 8.2.1). */
const NAME = /^[!-9;-@[-~]+$/
/** What would end a field, or a string, in another protocol (section 8.2.1). */
const NEVER_IN_VALUE = /[\0\r\n]/
const PSEUDO = 0x3a

/** Checks what RFC 9113 asks of a request's fields (sections 8.2 and 8.3.1). Throws `StreamFault` for a malformed one. */
export function requestHead(stream: number, fields: readonly string[]): RequestHead {
  const values = checked(stream, fields)
  const path = values.get(':path') ?? ''
  if (path === '' || !values.has(':method') || !values.has(':scheme'))
    throw malformed(stream, 'a missing pseudo-header')
  const timeout = values.get('grpc-timeout')
  return {
    path,
    authority: values.get(':authority') ?? values.get('host') ?? '',
    method: values.get(':method') as string,
    contentType: values.get('content-type') ?? '',
    timeoutMs: timeout === undefined ? undefined : (timeoutMsOf(timeout) ?? Number.NaN),
    encoding: values.get('grpc-encoding') ?? 'identity',
    acceptsGzip: /(^|,)\s*gzip\s*(,|$)/.test(values.get('grpc-accept-encoding') ?? ''),
    contentLength: lengthOf(stream, values.get('content-length')),
    fields,
  }
}

/** The first value of each name. */
function checked(stream: number, fields: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  let isPast = false
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string
    const value = fields[at + 1] as string
    if (name.charCodeAt(0) === PSEUDO) {
      if (isPast || values.has(name) || !isRequestPseudo(name)) throw malformed(stream, `the pseudo-header ${name}`)
      if (NEVER_IN_VALUE.test(value)) throw malformed(stream, `the value of ${name}`)
    } else {
      isPast = true
      checkField(stream, name, value)
    }
    if (!values.has(name)) values.set(name, value)
  }
  return values
}

/** Trailers have neither pseudo-headers nor what is forbidden in headers (section 8.1). */
export function checkTrailers(stream: number, fields: readonly string[]): void {
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string
    if (name.charCodeAt(0) === PSEUDO) throw malformed(stream, `the pseudo-header ${name} in trailers`)
    checkField(stream, name, fields[at + 1] as string)
  }
}

function isRequestPseudo(name: string): boolean {
  return name === ':method' || name === ':scheme' || name === ':path' || name === ':authority'
}

function checkField(stream: number, name: string, value: string): void {
  if (!NAME.test(name)) throw malformed(stream, 'a field name with capitals or of no visible ASCII')
  if (NEVER_IN_VALUE.test(value)) throw malformed(stream, 'a field value with an end of line or of string')
  if (OF_CONNECTION.has(name)) throw malformed(stream, `the field ${name}`)
  if (name === 'te' && value !== 'trailers') throw malformed(stream, 'a `te` that is not `trailers`')
}

function lengthOf(stream: number, text: string | undefined): number {
  if (text === undefined) return -1
  if (!/^\d{1,15}$/.test(text)) throw malformed(stream, 'a content-length that is no number')
  return Number(text)
}

function malformed(stream: number, what: string): StreamFault {
  return new StreamFault(stream, PROTOCOL_ERROR, `a malformed message: ${what}`)
}
