import { RingsideError } from '../base/errors.ts'
import { failedOutcome, type Method } from './call.ts'

/**
 * A method that refuses: `UNIMPLEMENTED`, with the reason `NOT_IMPLEMENTED`. `method`: service and method, such as
 * `Lock.Renew`. `why`: the end of a sentence.
 */
export function unavailable(method: string, why?: string): Method<{ readonly keyspace?: string }, never> {
  return {
    name: method,
    run() {
      throw methodUnavailable(method, why)
    },
    count(meter, request, ending) {
      meter.count(method, request.keyspace ?? '', failedOutcome(ending.reason), 'none')
    },
  }
}

/** `method`: service and method, such as `Admin.Warm`. */
export function methodUnavailable(
  method: string,
  why = 'is not available in this version of the sidecar',
): RingsideError {
  return new RingsideError('NOT_IMPLEMENTED', `${method} ${why}`, { metadata: { method } })
}
