import type { Reason, RingsideError } from '../base/errors.ts'

/** What a method sees of the call that it answers. */
export interface Call {
  /** When the caller stops waiting, on the monotonic clock; `Infinity` = it never said. */
  readonly deadlineAt: number
  /** The name it gave; empty = none. Worked out only when it is looked at, as is all that follows. */
  readonly caller: string
  /** Whether it came by the Unix socket. */
  readonly isLocal: boolean
  /** What it brought to show that its caller may; empty = nothing. */
  readonly token: string
  /** Runs `listener` once the caller is gone or its deadline has passed, at most once; perhaps also after the answer. */
  onGone(listener: () => void): void
  /** Sends something before the answer; there in calls of methods that stream. */
  readonly send?: ((message: object) => void) | undefined
}

/** A call that still wants an answer, as a server engine hands it over. */
export interface OpenCall<Response> extends Call {
  /** Sends the answer. Of `answer` and `refuse` one is called, once; after the caller is gone neither has an effect. */
  answer(response: Response): void
  refuse(failure: Failure): void
}

/** An error as it leaves the process. */
export interface Failure {
  /** The gRPC status code. */
  readonly code: number
  readonly message: string
  /** An encoded `google.rpc.Status`, for the trailer `grpc-status-details-bin`. */
  readonly details: Buffer
}

/** One method, unary or one that streams to its caller. Knows messages and use cases, and nothing of the engine that carries them. */
export interface Method<Request = unknown, Response = unknown> {
  /** As in metrics and logs, such as `Get` or `Admin.Warm`. */
  readonly name: string
  /** Synchronous where the answer is at hand. Throws or rejects with the reason why there is none. */
  run(request: Request, call: Call): Response | Promise<Response>
  /** Counts every result of an ended call. `ending` is what was sent, or what would have been without a hang-up. */
  count(meter: CallMeter, request: Request, ending: Response | RingsideError): void
}

/** The methods of one service, by their names in the proto. Those that are missing are refused as not implemented. */
export interface Service {
  /** Such as `ringside.v1.Cache`. */
  readonly name: string
  readonly methods: Readonly<Record<string, Method>>
  /** Why those that are missing are refused, where it is not that there are none yet; the end of a sentence. */
  readonly off?: string
}

/** Where calls are counted. */
export interface CallMeter {
  /** One result. `keyspace` is as the caller wrote it: bounding it is the meter's business. */
  count(method: string, keyspace: string, outcome: string, source: string): void
  /** One call, from its arrival to its end. */
  observe(method: string, seconds: number): void
}

/** How a failed result is counted: its reason, in the spelling of the other outcomes. */
export function failedOutcome(reason: Reason): string {
  return reason.toLowerCase()
}
