/**
 * Every way in which Ringside can fail, in one closed list. The names are public: they travel as
 * `google.rpc.ErrorInfo.reason` under the domain `ringside`, and the README lists exactly these.
 */
export const REASONS = [
  'ARGUMENT_INVALID',
  'KEYSPACE_UNKNOWN',
  'KEY_INVALID',
  'TENANT_INVALID',
  'VALUE_TOO_LARGE',
  'TTL_INVALID',
  'BATCH_SIZE',
  'KEYSPACE_KIND',
  'CONFIG_INVALID',
  'NOT_IMPLEMENTED',
  'ADMIN_FORBIDDEN',
  'ENVIRONMENT_MISMATCH',
  'LEASE_LOST',
  'VERSION_MISMATCH',
  'COUNTER_OVERFLOW',
  'NOT_A_COUNTER',
  'WRITE_REFUSED',
  'LEASE_BUSY',
  'LOCK_LOST',
  'ERRAND_UNDER_WAY',
  'SHARD_UNAVAILABLE',
  'ORIGIN_UNAVAILABLE',
  'ORIGIN_LIMIT',
  'BACKLOG_FULL',
  'IN_FLIGHT_LIMIT',
  'OVERLOADED',
  'DEADLINE',
  'CANCELLED',
  'INTERNAL',
] as const

export type Reason = (typeof REASONS)[number]

export interface ErrorDetail {
  /** What a caller should wait before it tries again, in milliseconds; absent where a retry makes no sense. */
  readonly retryAfterMs?: number
  /** The error underneath, kept for the log and never shown to callers. */
  readonly cause?: unknown
  /** Extra facts for machines, such as `{ keyspace: 'product' }`. Never a value or a secret. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** The only error that crosses a folder's border. `message` names the field, what is wrong with it and the mend. */
export class RingsideError extends Error {
  override readonly name = 'RingsideError'
  readonly reason: Reason
  readonly retryAfterMs: number | undefined
  readonly metadata: Readonly<Record<string, string>>

  constructor(reason: Reason, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.reason = reason
    this.retryAfterMs = detail.retryAfterMs
    this.metadata = detail.metadata ?? {}
  }

  /** `error` itself when it is one of ours, else a bug wrapped as `INTERNAL`. */
  static from(error: unknown): RingsideError {
    if (error instanceof RingsideError) return error
    return new RingsideError('INTERNAL', 'an unexpected error inside the sidecar; its log has the cause', {
      cause: error,
    })
  }
}
