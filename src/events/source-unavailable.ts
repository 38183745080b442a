import { RingsideError } from '../base/errors.ts'

/** `what` completes "event source NAME …" and holds neither values nor secrets. */
export function sourceUnavailable(source: string, what: string, cause?: unknown): RingsideError {
  return new RingsideError('ORIGIN_UNAVAILABLE', `event source ${source} ${what}`, { cause })
}
