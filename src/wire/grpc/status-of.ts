import { Metadata, status } from '@grpc/grpc-js'
import type { Status } from './status-fields.ts'

/** An error that a handler gives, as a status; one that says none is UNKNOWN, as in grpc-js. */
export function statusOf(error: unknown, trailer?: Metadata): Status {
  const { code, details, message, metadata } = error as {
    code?: unknown
    details?: unknown
    message?: unknown
    metadata?: unknown
  }
  const isCode = typeof code === 'number' && Number.isInteger(code)
  const text = typeof details === 'string' ? details : typeof message === 'string' ? message : 'Unknown Error'
  return {
    code: isCode ? code : status.UNKNOWN,
    details: text,
    metadata: metadata instanceof Metadata ? metadata : trailer,
  }
}
