import type { Clock } from '../base/clock.ts'
import type { AnswerAtHand, Cache } from '../cache/cache.ts'
import type { AnswerBytes, ByteHandler } from '../wire/grpc/byte-answer.ts'
import type { CallMeter } from './call.ts'
import { GetRequestReader } from './get-request-reader.ts'
import { writeVarint } from './varint.ts'

/** Fields of a GetResponse (cache.proto) as their tags on the wire: number << 3 | type. */
const OUTCOME = 0x08
const VALUE = 0x12
const SOURCE = 0x18
const VERSION = 0x20
const AS_OF = 0x28
const AGE = 0x30

const FOUND = 1
const NOT_FOUND = 2
const NEAR = 1

/** Tags, one-byte values, and varints of at most ten bytes. */
const MOST_OTHER_BYTES = 64

export interface NearAnswersParts {
  readonly cache: Pick<Cache, 'getAtHand'>
  readonly clock: Clock
  readonly meter: CallMeter
}

/** `Cache.Get` from the bytes of the request to those of the answer, for what the near cache holds. */
export function nearAnswers({ cache, clock, meter }: NearAnswersParts): ByteHandler {
  const reader = new GetRequestReader()
  return (bytes, start, end, answer) => {
    const startedAt = clock.now()
    const request = reader.read(bytes, start, end)
    const atHand = request && cache.getAtHand(request, startedAt)
    if (request === undefined || atHand === undefined) return false
    const answeredAt = writeAnswer(atHand, clock, answer)
    meter.count('Get', request.keyspace, atHand.kind === 'value' ? 'found' : 'not_found', 'near')
    meter.observe('Get', (answeredAt - startedAt) / 1_000)
    return true
  }
}

/** When it was written, by the monotonic clock. */
function writeAnswer(atHand: AnswerAtHand, clock: Clock, answer: AnswerBytes): number {
  const { bytes: size } = atHand
  answer.reserve(size + MOST_OTHER_BYTES)
  // The wall clock first: a process that is held up in between claims less, not more.
  const wall = clock.wall()
  const now = clock.now()
  const out = answer.bytes
  let at = answer.at
  out[at] = OUTCOME
  out[at + 1] = atHand.kind === 'value' ? FOUND : NOT_FOUND
  out[at + 2] = SOURCE
  out[at + 3] = NEAR
  at += 4
  if (size > 0) {
    out[at] = VALUE
    at = writeVarint(out, at + 1, size)
    atHand.copyTo(out, at)
    at += size
  }
  at = writeNumber(out, at, VERSION, atHand.version)
  at = writeNumber(out, at, AS_OF, wall - (now - atHand.asOf))
  answer.at = writeNumber(out, at, AGE, now - atHand.loadedAt)
  return now
}

/** Rounded down; nothing for what is 0 or less, which is the default of proto3. */
function writeNumber(out: Buffer, at: number, tag: number, value: number): number {
  if (!(value >= 1)) return at
  out[at] = tag
  return writeVarint(out, at + 1, Math.floor(value))
}
