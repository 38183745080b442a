import type { RingsideError } from '../base/errors.ts'
import type { Failure } from './call.ts'
import { messageDefinition } from './ringside-proto.ts'
import { STATUS_OF } from './status.ts'

/**
 * Longest message that is sent, in characters. It travels twice in the trailers, percent-encoded and as base64, and
 * clients refuse more than 8 KiB of them.
 */
const MESSAGE_LIMIT = 512

const status = messageDefinition('google.rpc.Status')
const errorInfo = messageDefinition('google.rpc.ErrorInfo')
const retryInfo = messageDefinition('google.rpc.RetryInfo')
const badRequest = messageDefinition('google.rpc.BadRequest')

/**
 * An error as it leaves the process: its status code, and a `google.rpc.Status` (googleapis, google/rpc/status.proto)
 * with an `ErrorInfo` of domain `ringside`, a `RetryInfo` where a retry makes sense, and a `BadRequest` where
 * `metadata.field` names the field at fault. The cause stays inside.
 */
export function toFailure(error: RingsideError): Failure {
  const code = STATUS_OF[error.reason]
  const message = error.message.length > MESSAGE_LIMIT ? `${error.message.slice(0, MESSAGE_LIMIT)}…` : error.message
  return { code, message, details: status.serialize({ code, message, details: details(error, message) }) }
}

function details(error: RingsideError, message: string): object[] {
  const { reason, metadata, retryAfterMs } = error
  const packed = [pack('ErrorInfo', errorInfo.serialize({ reason, domain: 'ringside', metadata }))]
  if (retryAfterMs !== undefined) {
    packed.push(pack('RetryInfo', retryInfo.serialize({ retry_delay: duration(retryAfterMs) })))
  }
  if (metadata.field !== undefined) {
    const violation = { field: metadata.field, description: message }
    packed.push(pack('BadRequest', badRequest.serialize({ field_violations: [violation] })))
  }
  return packed
}

/** As `google.protobuf.Any`. */
function pack(name: string, value: Buffer): object {
  return { type_url: `type.googleapis.com/google.rpc.${name}`, value }
}

/** As `google.protobuf.Duration`, rounded up: never too early. */
function duration(ms: number): object {
  const whole = Math.max(0, Math.ceil(ms))
  return { seconds: Math.floor(whole / 1000), nanos: (whole % 1000) * 1_000_000 }
}
