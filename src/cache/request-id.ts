import { createHash } from 'node:crypto'

/** What a request and its repetitions have in common, in so many bytes, of any text that a caller chose; `undefined` for one that is not repeated. */
export function requestIdOf(text: string, bytes: number): Buffer | undefined {
  return text === '' ? undefined : createHash('sha256').update(text).digest().subarray(0, bytes)
}
