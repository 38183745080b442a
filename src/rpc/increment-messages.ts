import { RingsideError } from '../base/errors.ts'
import type { IncrementRequest } from '../cache/cache.ts'
import type { IncrementRequest__Output } from '../gen/ringside/v1/IncrementRequest.ts'
import type { IncrementResponse__Output } from '../gen/ringside/v1/IncrementResponse.ts'

/** The message as `serviceDefinition` has it read: a double would lose what is beyond 2^53, so numbers are decimal text. */
export type IncrementMessage = Omit<IncrementRequest__Output, 'delta' | 'initial' | 'ttl_ms'> & {
  readonly delta: string
  readonly initial: string
  readonly ttl_ms?: string
}

export type IncrementAnswer = Omit<IncrementResponse__Output, 'value'> & { readonly value: string }

/** More would be no id any more, but a burden of every call. */
const MOST_ID_LENGTH = 256

/** Throws `TTL_INVALID` or `ARGUMENT_INVALID`. */
export function incrementRequest(message: IncrementMessage): IncrementRequest {
  const { keyspace, key, tenant, request_id: requestId } = message
  const ttlMs = message.ttl_ms === undefined ? undefined : Number(message.ttl_ms)
  if (ttlMs !== undefined && ttlMs <= 0) {
    const flaw = `ttl_ms is ${ttlMs}; name more than 0, or leave it out for the keyspace's ttl`
    throw new RingsideError('TTL_INVALID', flaw, { metadata: { field: 'ttl_ms' } })
  }
  if (requestId.length > MOST_ID_LENGTH) {
    const flaw = `request_id has ${requestId.length} characters; at most ${MOST_ID_LENGTH} are allowed`
    throw new RingsideError('ARGUMENT_INVALID', flaw, { metadata: { field: 'request_id' } })
  }
  const amounts = { delta: BigInt(message.delta), initial: BigInt(message.initial) }
  return { keyspace, key, tenant, requestId, ...amounts, ...(ttlMs === undefined ? {} : { ttlMs }) }
}
