import { type GetAnswer, readGetResponse } from './get-message.ts'
import { ProtoReader } from './proto-reader.ts'

/** Why one key of a batch has no answer: the status with which a `Get` of it would have failed. */
export interface BatchFailure {
  readonly code: number
  readonly reason: string
  readonly message: string
}

export type BatchResult =
  | { readonly ok: true; readonly answer: GetAnswer }
  | { readonly ok: false; readonly failure: BatchFailure }

/** One result for each request, in their order. Throws `RangeError` when the bytes are no `BatchGetResponse`. */
export function decodeBatchGetResponse(bytes: Buffer): BatchResult[] {
  const results: BatchResult[] = []
  const reader = new ProtoReader(bytes)
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) results.push(readResult(reader.message()))
    else reader.skip(key)
  }
  return results
}

function readResult(reader: ProtoReader): BatchResult {
  let result: BatchResult | undefined
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x0a) result = { ok: true, answer: readGetResponse(reader.message()) }
    else if (key === 0x12) result = { ok: false, failure: readFailure(reader.message()) }
    else reader.skip(key)
  }
  if (result === undefined) throw new RangeError('a result that is neither an answer nor an error')
  return result
}

function readFailure(reader: ProtoReader): BatchFailure {
  let code = 0
  let reason = ''
  let message = ''
  for (let key = reader.next(); key !== 0; key = reader.next()) {
    if (key === 0x08) code = reader.int()
    else if (key === 0x12) reason = reader.string()
    else if (key === 0x1a) message = reader.string()
    else reader.skip(key)
  }
  return { code, reason, message }
}
