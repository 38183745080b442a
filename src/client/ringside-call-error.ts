import { REASONS, type Reason } from '../base/errors.ts'
import type { WireStatus } from '../wire/grpc/wire-status.ts'
import { readStatusDetails } from './status-details.ts'

const CANCELLED = 1
const INVALID_ARGUMENT = 3
const DEADLINE_EXCEEDED = 4
const INTERNAL = 13
const UNAVAILABLE = 14

/**
 * Why a call failed: the sidecar's own reasons, and two that only a client meets. `UNREACHABLE`: there is no sidecar at
 * the address, or the connection to it broke. `UNKNOWN`: a status whose reason this client has no name for.
 */
export type CallReason = Reason | 'UNREACHABLE' | 'UNKNOWN'

interface CallErrorDetail {
  readonly retryAfterMs?: number | undefined
  readonly metadata?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** The only error that a `RingsideClient` rejects with, what a caller's own `loader` throws excepted. */
export class RingsideCallError extends Error {
  override readonly name = 'RingsideCallError'
  readonly reason: CallReason
  /** The gRPC status code. */
  readonly code: number
  /** What to wait before another try, in milliseconds; `undefined` where the sidecar names none. */
  readonly retryAfterMs: number | undefined
  /** Facts for machines, such as `{ field: 'key' }`. */
  readonly metadata: Readonly<Record<string, string>>

  constructor(reason: CallReason, code: number, message: string, detail: CallErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.reason = reason
    this.code = code
    this.retryAfterMs = detail.retryAfterMs
    this.metadata = detail.metadata ?? {}
  }

  /** What a call failed with, its details read from `grpc-status-details-bin`. */
  static fromStatus(status: WireStatus): RingsideCallError {
    const [details] = status.metadata.get('grpc-status-details-bin')
    const { reason, metadata, retryAfterMs } = readStatusDetails(Buffer.isBuffer(details) ? details : Buffer.alloc(0))
    const named = reason === undefined ? reasonOfCode(status.code) : reasonNamed(reason)
    return new RingsideCallError(named, status.code, status.message, { retryAfterMs, metadata, cause: status })
  }

  /** The failure of one key of a batch, which carries no details beyond its reason. */
  static fromBatch({ code, reason, message }: { code: number; reason: string; message: string }): RingsideCallError {
    return new RingsideCallError(reasonNamed(reason), code, message)
  }

  /** A request that is wrong in itself and was not sent. */
  static invalid(field: string, flaw: string): RingsideCallError {
    return new RingsideCallError('ARGUMENT_INVALID', INVALID_ARGUMENT, `${field} ${flaw}`, { metadata: { field } })
  }

  /** An answer that cannot be read. */
  static unreadable(cause: unknown): RingsideCallError {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new RingsideCallError('INTERNAL', INTERNAL, `the sidecar's answer cannot be read: ${why}`, { cause })
  }
}

function reasonNamed(text: string): CallReason {
  return (REASONS as readonly string[]).includes(text) ? (text as Reason) : 'UNKNOWN'
}

/** For statuses of the transport, which carry no details. */
function reasonOfCode(code: number): CallReason {
  if (code === UNAVAILABLE) return 'UNREACHABLE'
  if (code === DEADLINE_EXCEEDED) return 'DEADLINE'
  if (code === CANCELLED) return 'CANCELLED'
  return 'UNKNOWN'
}
