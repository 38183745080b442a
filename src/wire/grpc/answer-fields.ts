import { status } from '@grpc/grpc-js'
import { CANCEL, ENHANCE_YOUR_CALM, REFUSED_STREAM } from '../http2/fault.ts'
import { percentDecoded } from './status-fields.ts'
import { WireStatus } from './wire-status.ts'

/** What the headers of an answer say. */
export interface AnswerHead {
  /** 1xx: the headers proper are still to come (RFC 9113, section 8.1). */
  readonly isInterim: boolean
  readonly encoding: string
  /** Why this is no answer of a gRPC server. */
  readonly fault: WireStatus | undefined
}

export function answerHead(fields: readonly string[]): AnswerHead {
  const http = fieldOf(fields, ':status') ?? ''
  const contentType = fieldOf(fields, 'content-type') ?? ''
  const isGrpc = http === '200' && /^application\/grpc([+;]|$)/.test(contentType)
  return {
    isInterim: /^1\d\d$/.test(http),
    encoding: fieldOf(fields, 'grpc-encoding') ?? 'identity',
    fault: isGrpc ? undefined : new WireStatus(codeOfHttp(http), notGrpc(http, contentType), fields),
  }
}

/** The status that trailers, or headers without a body, tell; `undefined` = `OK`. */
export function answerStatus(fields: readonly string[]): WireStatus | undefined {
  const text = fieldOf(fields, 'grpc-status')
  if (text === '0') return undefined
  if (text === undefined) {
    const http = fieldOf(fields, ':status')
    if (http !== undefined)
      return new WireStatus(codeOfHttp(http), notGrpc(http, fieldOf(fields, 'content-type')), fields)
    return new WireStatus(status.UNKNOWN, 'the answer ended without a status', fields)
  }
  const code = /^\d{1,9}$/.test(text) ? Number(text) : status.UNKNOWN
  // A code that there is none of counts as UNKNOWN (gRPC statuscodes.md).
  return new WireStatus(
    code <= status.UNAUTHENTICATED ? code : status.UNKNOWN,
    percentDecoded(fieldOf(fields, 'grpc-message') ?? ''),
    fields,
  )
}

/** What a RST_STREAM of the server means (gRPC over HTTP/2, Errors). */
export function codeOfReset(code: number): number {
  if (code === REFUSED_STREAM) return status.UNAVAILABLE
  if (code === CANCEL) return status.CANCELLED
  if (code === ENHANCE_YOUR_CALM) return status.RESOURCE_EXHAUSTED
  return status.INTERNAL
}

/** gRPC http-grpc-status-mapping.md. */
const CODE_OF_HTTP: Readonly<Record<string, number>> = {
  400: status.INTERNAL,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.UNIMPLEMENTED,
  429: status.UNAVAILABLE,
  502: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
  504: status.UNAVAILABLE,
}

function codeOfHttp(http: string): number {
  return CODE_OF_HTTP[http] ?? status.UNKNOWN
}

function notGrpc(http: string, contentType: string | undefined): string {
  return `no answer of a gRPC server: HTTP status ${http || 'missing'}, content-type ${contentType || 'missing'}`
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < fields.length; at += 2) if (fields[at] === name) return fields[at + 1]
  return undefined
}
