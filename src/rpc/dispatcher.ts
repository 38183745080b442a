import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { CallMeter, Method, OpenCall } from './call.ts'
import { logInternal } from './internal-log.ts'
import { toFailure } from './status-details.ts'

/** What a caller over the limit should wait: long enough for most calls in flight to end. */
const RETRY_AFTER_MS = 100
/** What a caller should wait that came while there was too much of everything: for the others to go first. */
const RELIEF_MS = 500

const OVERLOADED = {
  loop: 'has had more to do than it gets done for a while',
  memory: 'is at limits.memory',
} as const

/** A hang-up so close to the deadline is the deadline's: timers fire, and wall clocks round, a few milliseconds early. */
const DEADLINE_SLACK_MS = 10

export interface DispatcherOptions {
  readonly clock: Clock
  readonly log: Log
  readonly meter: CallMeter
  /** Most calls that may wait for their answer at once, at least 1. */
  readonly maxInFlight: number
  /** Why no work should be taken now; `undefined` when it may. Asked for every call. */
  readonly overload: () => keyof typeof OVERLOADED | undefined
}

/**
 * Takes calls from a server engine to methods and their endings back: admission, deadlines, errors and counting, the
 * same for every engine. A call whose caller is gone is counted once, as `DEADLINE` or `CANCELLED`, and what its method
 * says later is dropped.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  #inFlight = 0
  #maxInFlight: number

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#maxInFlight = options.maxInFlight
  }

  /** Calls whose methods are still at work, also those whose callers are gone: they hold memory all the same. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Lets so many calls wait for their answer at once from now on; those that do already are not cut off. */
  limitInFlight(calls: number): void {
    this.#maxInFlight = calls
  }

  dispatch<Request, Response>(method: Method<Request, Response>, request: Request, call: OpenCall<Response>): void {
    const startedAt = this.#options.clock.now()
    let outcome: Response | Promise<Response>
    try {
      this.#admit(call.deadlineAt, startedAt)
      outcome = method.run(request, call)
    } catch (error) {
      this.#refuse(method, request, call, startedAt, error)
      return
    }
    if (outcome instanceof Promise) this.#await(method, request, call, startedAt, outcome)
    else this.#answer(method, request, call, startedAt, outcome)
  }

  #admit(deadlineAt: number, now: number): void {
    if (deadlineAt <= now) {
      throw new RingsideError('DEADLINE', 'the deadline had passed when the call arrived; allow it more time')
    }
    const cause = this.#options.overload()
    if (cause !== undefined) {
      throw new RingsideError('OVERLOADED', `the sidecar ${OVERLOADED[cause]}; retry later`, {
        retryAfterMs: RELIEF_MS,
        metadata: { cause },
      })
    }
    if (this.#inFlight >= this.#maxInFlight) {
      throw new RingsideError(
        'IN_FLIGHT_LIMIT',
        `the sidecar already has ${this.#maxInFlight} calls in flight; retry later`,
        {
          retryAfterMs: RETRY_AFTER_MS,
        },
      )
    }
  }

  #await<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    call: OpenCall<Response>,
    startedAt: number,
    pending: Promise<Response>,
  ): void {
    let open = true
    this.#inFlight += 1
    call.onGone(() => {
      if (!open) return
      open = false
      this.#end(method, request, startedAt, this.#desertion(call.deadlineAt))
    })
    const settle = (end: () => void) => {
      this.#inFlight -= 1
      if (!open) return
      open = false
      end()
    }
    pending.then(
      (response) => settle(() => this.#answer(method, request, call, startedAt, response)),
      (error: unknown) => settle(() => this.#refuse(method, request, call, startedAt, error)),
    )
  }

  #desertion(deadlineAt: number): RingsideError {
    return this.#options.clock.now() + DEADLINE_SLACK_MS >= deadlineAt
      ? new RingsideError('DEADLINE', 'the deadline passed before there was an answer')
      : new RingsideError('CANCELLED', 'the caller hung up before there was an answer')
  }

  #answer<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    call: OpenCall<Response>,
    startedAt: number,
    response: Response,
  ): void {
    call.answer(response)
    this.#end(method, request, startedAt, response)
  }

  #refuse<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    call: OpenCall<Response>,
    startedAt: number,
    error: unknown,
  ): void {
    const refusal = RingsideError.from(error)
    logInternal(this.#options.log, method.name, refusal)
    call.refuse(toFailure(refusal))
    this.#end(method, request, startedAt, refusal)
  }

  #end<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    startedAt: number,
    ending: Response | RingsideError,
  ): void {
    const { clock, meter } = this.#options
    method.count(meter, request, ending)
    meter.observe(method.name, (clock.now() - startedAt) / 1000)
  }
}
