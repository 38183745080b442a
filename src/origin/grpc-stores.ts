import { type ServiceError, status } from '@grpc/grpc-js'
import type { RingsideError } from '../base/errors.ts'
import type { StoreRequest } from '../gen/ringside/v1/StoreRequest.ts'
import type { LoadScope, OriginChange } from './origin.ts'
import { changesCollided, changesRefused, originUnavailable, withOutcome } from './origin-error.ts'

// What an app answers to `Origin.Store`, as `origin.proto` asks it to.

/** The changes are wrong. */
const REFUSED = new Set<status>([
  status.INVALID_ARGUMENT,
  status.FAILED_PRECONDITION,
  status.ALREADY_EXISTS,
  status.OUT_OF_RANGE,
])

/** The app says that it has not even begun. */
const NOT_BEGUN = new Set<status>([status.UNIMPLEMENTED, status.PERMISSION_DENIED, status.UNAUTHENTICATED])

export function storeRequest({ keyspace, tenant }: LoadScope, changes: readonly OriginChange[]): StoreRequest {
  return {
    keyspace,
    tenant,
    changes: changes.map((change) => ({
      key: change.key,
      version: change.version,
      ...('value' in change ? { value: change.value } : { delete: true }),
    })),
  }
}

export function storeFailure(origin: string, error: ServiceError): RingsideError {
  const code = status[error.code]
  if (REFUSED.has(error.code)) return changesRefused(origin, `refuses the change (${code})`, error)
  if (error.code === status.ABORTED) return changesCollided(origin, error)
  const failure = originUnavailable(origin, `failed (${code})`, error)
  return withOutcome(failure, NOT_BEGUN.has(error.code) ? 'unchanged' : 'unknown')
}
