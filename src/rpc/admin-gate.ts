import { createHash, timingSafeEqual } from 'node:crypto'
import { RingsideError } from '../base/errors.ts'
import type { Call, Method } from './call.ts'

export interface AdminGateOptions {
  /** The token that opens TCP, as it is now; `undefined` = nothing does. */
  readonly token: () => string | undefined
}

/**
 * Lets calls that change something for everybody pass where their caller may: whoever reaches the Unix socket has been
 * let in by its folder's permissions, and over TCP a token has to show it.
 */
export class AdminGate {
  readonly #token: () => string | undefined

  constructor({ token }: AdminGateOptions) {
    this.#token = token
  }

  /** Throws `ADMIN_FORBIDDEN`. */
  check(method: string, { isLocal, token }: Call): void {
    if (isLocal) return
    const expected = this.#token()
    if (expected !== undefined && isSame(expected, token)) return
    const why = token === '' ? 'came over TCP without a token' : 'came over TCP with a token that is not the right one'
    throw new RingsideError(
      'ADMIN_FORBIDDEN',
      `${method} changes something for everybody, and the call ${why}; make it on the Unix socket (listen.socket), or send the token of admin.tokenFile as \`authorization: Bearer <token>\``,
      { metadata: { method } },
    )
  }

  /** The same method for those who may. */
  before<Request, Response>(method: Method<Request, Response>): Method<Request, Response> {
    return {
      ...method,
      run: (request, call) => {
        this.check(method.name, call)
        return method.run(request, call)
      },
    }
  }
}

/** In a time that tells nothing of either: digests have one length, and are compared to the end. */
function isSame(expected: string, given: string): boolean {
  return timingSafeEqual(digest(expected), digest(given))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
