import type { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

/** A bug is logged once, where it becomes an answer; all other failures are the metrics' business. */
export function logInternal(log: Log, method: string, error: RingsideError): void {
  if (error.reason !== 'INTERNAL') return
  const cause =
    error.cause instanceof Error ? error.cause.stack : error.cause === undefined ? undefined : 'not an Error'
  log.error({ method, stack: error.stack, cause }, 'a call failed inside the sidecar')
}
