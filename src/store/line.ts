import type { ArgumentsOf, OperationName, ResultOf } from './operations.ts'
import type { ServerFacts } from './server-facts.ts'

/** A server's answer. */
export interface Reply<T> {
  readonly value: T
  /** The monotonic moment just before the request left. */
  readonly sentAt: number
  /** The server's TIME when it carried the request out, in µs, where the answer tells it. */
  readonly serverUs: number | undefined
}

/**
 * One connection to one server, from its opening to its loss. Requests are carried out in the order in which they were
 * sent, and rejected when the line is lost, when there is no answer in time, and when the server refuses them.
 */
export interface Line {
  send<Name extends OperationName>(name: Name, args: ArgumentsOf<Name>): Promise<Reply<ResultOf<Name>>>
  /**
   * From when this resolves, every change of a key that was read through this line is told, once for each read.
   * `changed(undefined)`: everything may have changed. What carries the news is lost when the line is, and the other way
   * round.
   */
  track(changed: (key: string | undefined) => void): Promise<void>
  /** Asks whether that which carries the news is there, and proves nothing else. */
  pingChannel(): Promise<void>
  inspect(): Promise<ServerFacts>
  close(): void
  /** The same line for keys that the server is about to take over from another; absent where servers never do that. */
  readonly importing?: Pick<Line, 'send'>
}

/** One server, as it can be reached. */
export interface Server {
  /** Rejects when it cannot be reached. `lost` is called once, when an open line ends, whoever ended it. */
  dial(lost: (why: string) => void): Promise<Line>
  /** Why it would not be asked now though a line is open; `undefined` when it would. */
  refusal(): string | undefined
  /** What kind of failure an error of a line is, in a word for metrics; whether it says that the server is in trouble. */
  judge(error: unknown): LineFailure
  close(): void
}

export interface LineFailure {
  /** `timeout`, `connection`, `breaker`, `overload` or the server's own error word, such as `OOM`. */
  readonly kind: string
  /**
   * - `unanswered`: no answer, or one that says that this server cannot serve now;
   * - `elsewhere`: another server may be the right one by now;
   * - `malformed`: the request made no sense to the server.
   */
  readonly meaning: 'unanswered' | 'elsewhere' | 'malformed'
  readonly retryAfterMs: number | undefined
}
