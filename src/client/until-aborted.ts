import { RingsideCallError } from './ringside-call-error.ts'

const CANCELLED = 1

/** Settles as `result` does; rejects with `CANCELLED` when `signal` aborts first. What is under way goes on. */
export function untilAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new RingsideCallError('CANCELLED', CANCELLED, 'the caller gave up waiting'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
