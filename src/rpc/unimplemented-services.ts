import { RingsideError } from '../base/errors.ts'
import { failedOutcome, type Method, type Service } from './call.ts'

/**
 * Services that exist in the proto and whose feature is not available yet: every method answers `UNIMPLEMENTED` with
 * the reason `NOT_IMPLEMENTED`. `ringside.v1.Origin` is not among them: applications serve it, a sidecar calls it.
 */
export const unimplementedServices: readonly Service[] = [{ name: 'ringside.v1.Lock', methods: {} }]

/** A method that refuses. `method`: service and method, such as `Lock.Renew`. */
export function unavailable(method: string): Method<{ readonly keyspace?: string }, never> {
  return {
    name: method,
    run() {
      throw methodUnavailable(method)
    },
    count(meter, request, ending) {
      meter.count(method, request.keyspace ?? '', failedOutcome(ending.reason), 'none')
    },
  }
}

/** `method`: service and method, such as `Admin.Warm`. */
export function methodUnavailable(method: string): RingsideError {
  return new RingsideError('NOT_IMPLEMENTED', `${method} is not available in this version of the sidecar`, {
    metadata: { method },
  })
}
