export interface CallContext {
  /** Aborts at the deadline; made only when it is asked for. */
  readonly signal: AbortSignal
  readonly deadlineAt: number
}

/** An AbortController costs more than the rest of the guard, and most calls never look at their signal. */
export class DepartedCall implements CallContext {
  readonly deadlineAt: number
  #controller: AbortController | undefined
  #reason: Error | undefined

  constructor(deadlineAt: number) {
    this.deadlineAt = deadlineAt
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
