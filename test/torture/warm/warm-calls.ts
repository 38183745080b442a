import { credentials, type ServiceError, status } from '@grpc/grpc-js'
import { pause, systemClock } from '../../../src/base/clock.ts'
import type { WarmProgress__Output } from '../../../src/gen/ringside/v1/WarmProgress.ts'
import type { WarmRequest } from '../../../src/gen/ringside/v1/WarmRequest.ts'
import { Admin } from '../../rpc/client.ts'

export interface WarmCallsParts {
  /** The Unix sockets of the sidecars that may be asked, in turn. */
  readonly sockets: readonly string[]
  /** Told of each message, through which of them it came, and how many keys earlier calls have done. */
  readonly onProgress: (told: WarmProgress__Output, through: number, doneBefore: number) => void
}

const AGAIN_MS = 200
/** What a killed sidecar, or one that has not heard of its end yet, leads to. */
const PASSING = new Set<number>([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL, status.FAILED_PRECONDITION])

/**
 * Warms as an operator would: where a call is cut short, the next goes on at its cursor, through the next sidecar. Resolves
 * to the last message of each call that said anything.
 */
export async function warmInTurns(request: WarmRequest, parts: WarmCallsParts): Promise<WarmProgress__Output[]> {
  const ends: WarmProgress__Output[] = []
  let [after, doneBefore] = ['', 0]
  for (let call = 0; ; call += 1) {
    const through = call % parts.sockets.length
    let last: WarmProgress__Output | undefined
    try {
      await warmOnce({ ...request, after }, parts.sockets[through] as string, (told) => {
        last = told
        parts.onProgress(told, through, doneBefore)
      })
    } catch (error) {
      if (!PASSING.has((error as ServiceError).code)) throw error
      await pause(systemClock, AGAIN_MS)
      continue
    } finally {
      if (last !== undefined) {
        const { cursor, done } = last as WarmProgress__Output
        ends.push(last)
        after = cursor
        doneBefore += done
      }
    }
    return ends
  }
}

async function warmOnce(
  request: WarmRequest,
  socket: string,
  onProgress: (told: WarmProgress__Output) => void,
): Promise<void> {
  const client = new Admin(`unix:${socket}`, credentials.createInsecure())
  try {
    await new Promise<void>((resolve, reject) => {
      const stream = client.Warm(request)
      stream.on('data', onProgress).on('end', resolve).on('error', reject)
    })
  } finally {
    client.close()
  }
}
