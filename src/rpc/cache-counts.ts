import { RingsideError } from '../base/errors.ts'
import type { BatchGetRequest__Output } from '../gen/ringside/v1/BatchGetRequest.ts'
import type { BatchGetResponse__Output } from '../gen/ringside/v1/BatchGetResponse.ts'
import type { GetRequest__Output } from '../gen/ringside/v1/GetRequest.ts'
import type { GetResponse__Output } from '../gen/ringside/v1/GetResponse.ts'
import type { InvalidateRequest__Output } from '../gen/ringside/v1/InvalidateRequest.ts'
import type { InvalidateResponse__Output } from '../gen/ringside/v1/InvalidateResponse.ts'
import type { SetRequest__Output } from '../gen/ringside/v1/SetRequest.ts'
import type { SetResponse__Output } from '../gen/ringside/v1/SetResponse.ts'
import type { WriteRequest__Output } from '../gen/ringside/v1/WriteRequest.ts'
import type { WriteResponse__Output } from '../gen/ringside/v1/WriteResponse.ts'
import { type CallMeter, failedOutcome } from './call.ts'

// What is counted is read from the message that is sent, so metrics and answers cannot disagree.

const OUTCOME = {
  OUTCOME_UNSPECIFIED: 'unspecified',
  OUTCOME_FOUND: 'found',
  OUTCOME_NOT_FOUND: 'not_found',
  OUTCOME_MISS: 'miss',
} as const

const SOURCE = {
  SOURCE_UNSPECIFIED: 'none',
  SOURCE_NEAR: 'near',
  SOURCE_COPY: 'copy',
  SOURCE_REPLICA: 'replica',
  SOURCE_PRIMARY: 'primary',
  SOURCE_ORIGIN: 'origin',
} as const

export function countGet(
  meter: CallMeter,
  request: GetRequest__Output,
  ending: GetResponse__Output | RingsideError,
): void {
  if (ending instanceof RingsideError) meter.count('Get', request.keyspace, failedOutcome(ending.reason), 'none')
  else meter.count('Get', request.keyspace, OUTCOME[ending.outcome], SOURCE[ending.source])
}

/** Every key counts; a call that fails as a whole counts once, under its first keyspace. */
export function countBatchGet(
  meter: CallMeter,
  { requests }: BatchGetRequest__Output,
  ending: BatchGetResponse__Output | RingsideError,
): void {
  if (ending instanceof RingsideError) {
    countRefusal(meter, 'BatchGet', requests, ending)
    return
  }
  for (const [index, { response, error }] of ending.results.entries()) {
    const keyspace = requests[index]?.keyspace ?? ''
    if (response) meter.count('BatchGet', keyspace, OUTCOME[response.outcome], SOURCE[response.source])
    else meter.count('BatchGet', keyspace, (error?.reason ?? 'INTERNAL').toLowerCase(), 'none')
  }
}

export function countSet(
  meter: CallMeter,
  request: SetRequest__Output,
  ending: SetResponse__Output | RingsideError,
): void {
  meter.count('Set', request.keyspace, setOutcome(ending), 'none')
}

function setOutcome(ending: SetResponse__Output | RingsideError): string {
  if (ending instanceof RingsideError) return failedOutcome(ending.reason)
  return ending.stored ? 'stored' : 'not_stored'
}

export function countWrite(
  meter: CallMeter,
  request: WriteRequest__Output,
  ending: WriteResponse__Output | RingsideError,
): void {
  meter.count('Write', request.keyspace, writeOutcome(ending), 'none')
}

function writeOutcome(ending: WriteResponse__Output | RingsideError): string {
  if (ending instanceof RingsideError) return failedOutcome(ending.reason)
  return ending.deferred ? 'deferred' : 'written'
}

export function countIncrement(
  meter: CallMeter,
  request: { readonly keyspace: string },
  ending: object | RingsideError,
): void {
  const outcome = ending instanceof RingsideError ? failedOutcome(ending.reason) : 'added'
  meter.count('Increment', request.keyspace, outcome, 'none')
}

/** Every target counts; a call that fails as a whole counts once, under its first keyspace. */
export function countInvalidate(
  meter: CallMeter,
  { targets }: InvalidateRequest__Output,
  ending: InvalidateResponse__Output | RingsideError,
): void {
  if (ending instanceof RingsideError) {
    countRefusal(meter, 'Invalidate', targets, ending)
    return
  }
  for (const [index, { deferred }] of ending.results.entries()) {
    meter.count('Invalidate', targets[index]?.keyspace ?? '', deferred ? 'deferred' : 'invalidated', 'none')
  }
}

function countRefusal(
  meter: CallMeter,
  method: string,
  asked: readonly { readonly keyspace: string }[],
  error: RingsideError,
): void {
  meter.count(method, asked[0]?.keyspace ?? '', failedOutcome(error.reason), 'none')
}
