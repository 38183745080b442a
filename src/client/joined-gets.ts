import type { GetAnswer, GetRequest } from './get-message.ts'
import { RingsideCallError } from './ringside-call-error.ts'

/** What became of one request of a batch. */
export type BatchGetResult =
  | { readonly ok: true; readonly answer: GetAnswer }
  | { readonly ok: false; readonly error: RingsideCallError }

export interface JoinedGetsOptions {
  /** As many gets of one turn go as a batch; fewer go alone. */
  readonly from: number
  /** Most gets in one batch: the slowest key holds up all of its batch. */
  readonly most: number
  readonly alone: (request: GetRequest) => Promise<GetAnswer>
  readonly together: (requests: readonly GetRequest[]) => Promise<readonly BatchGetResult[]>
}

interface Seat {
  readonly request: GetRequest
  readonly resolve: (answer: GetAnswer | Promise<GetAnswer>) => void
  readonly reject: (error: unknown) => void
}

export interface JoinedGetsStats {
  /** Batches that were sent instead of single gets. */
  readonly batches: number
  /** Gets that went in them. */
  readonly joined: number
}

/** Sends the gets of one turn of the event loop as batches where there are enough of them. */
export class JoinedGets {
  readonly #options: JoinedGetsOptions
  #seats: Seat[] = []
  #batches = 0
  #joined = 0

  constructor(options: JoinedGetsOptions) {
    this.#options = options
  }

  stats(): JoinedGetsStats {
    return { batches: this.#batches, joined: this.#joined }
  }

  get(request: GetRequest): Promise<GetAnswer> {
    // Also after the callbacks of promises: all answers of one read may lead to further gets, which belong together.
    if (this.#seats.length === 0) process.nextTick(() => this.#depart())
    return new Promise((resolve, reject) => this.#seats.push({ request, resolve, reject }))
  }

  #depart(): void {
    const { from, most, alone } = this.#options
    const seats = this.#seats
    this.#seats = []
    for (let first = 0; first < seats.length; first += most) {
      const some = seats.length <= most ? seats : seats.slice(first, first + most)
      if (some.length >= from) void this.#sendTogether(some)
      else for (const { request, resolve } of some) resolve(alone(request))
    }
  }

  async #sendTogether(seats: readonly Seat[]): Promise<void> {
    this.#batches += 1
    this.#joined += seats.length
    try {
      const results = await this.#options.together(seats.map(({ request }) => request))
      for (const [index, seat] of seats.entries()) this.#settle(seat, results[index] as BatchGetResult)
    } catch (error) {
      for (const seat of seats) this.#refuse(seat, error)
    }
  }

  #settle(seat: Seat, result: BatchGetResult): void {
    if (result.ok) seat.resolve(result.answer)
    else this.#refuse(seat, result.error)
  }

  /** What the batch was too large for is asked for alone: nobody had asked for a batch. */
  #refuse({ request, resolve, reject }: Seat, error: unknown): void {
    const { reason } = error instanceof RingsideCallError ? error : { reason: undefined }
    if (reason === 'VALUE_TOO_LARGE' || reason === 'BATCH_SIZE') resolve(this.#options.alone(request))
    else reject(error)
  }
}
