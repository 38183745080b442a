import { RingsideError } from '../base/errors.ts'
import { type Guard, GuardRefused, GuardTimeout } from '../guard/guard.ts'
import type { ListKeys, Origin } from './origin.ts'
import { originUnavailable } from './origin-error.ts'
import type { OriginRefusal } from './refusal.ts'

export interface ListedParts {
  /** Of the origin. */
  readonly name: string
  readonly list: ListKeys
  readonly guard: Guard
  /** The error for a page that is not asked for. */
  readonly refused: (why: OriginRefusal, retryAfterMs: number, cause?: unknown) => RingsideError
  /** Whether there are places for what nobody waits for. */
  readonly hasSpare: () => boolean
}

const LOOK_AGAIN_MS = 100

/** Asks which keys there are, a page at a time, in places that nobody else wants. */
export function listed({ name, list, guard, refused, hasSpare }: ListedParts): NonNullable<Origin['list']> {
  return async (scope, page) => {
    if (!hasSpare()) throw refused('yielded', LOOK_AGAIN_MS)
    try {
      return await guard.run((context) => list(scope, page, context))
    } catch (error) {
      if (error instanceof GuardTimeout) throw originUnavailable(name, 'did not list its keys in time', error)
      if (error instanceof GuardRefused) throw refused(error.why, error.retryAfterMs, error)
      throw RingsideError.from(error)
    }
  }
}
