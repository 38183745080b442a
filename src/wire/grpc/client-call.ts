import type { Clock } from '../../base/clock.ts'
import type { Connection } from '../http2/connection.ts'
import type { StreamSink } from '../http2/stream.ts'
import type { AnswerHead } from './answer-fields.ts'
import type { LastRead } from './last-read.ts'
import type { RequestFields } from './request-fields.ts'
import type { WireStatus } from './wire-status.ts'

/** What the calls of one client share. */
export interface CallGround {
  readonly clock: Clock
  readonly maxMessageBytes: number
  readonly fields: RequestFields
  readonly heads: LastRead<AnswerHead>
  readonly statuses: LastRead<WireStatus | undefined>
  /** The server has not looked at the call: it may be made again, on another connection. */
  repeat(call: ClientCall): void
  /** The call has settled. */
  over(call: ClientCall): void
}

/** One call as a client sees it, from the queue to its status. */
export interface ClientCall extends StreamSink {
  /** Monotonic ms; `Infinity` = never. */
  readonly expiresAt: number
  readonly waitForReady: boolean
  /** Begins on a connection that has room for a stream. */
  begin(connection: Connection): void
  /** Ends the call, on whichever side of its beginning. */
  fail(status: WireStatus): void
}
