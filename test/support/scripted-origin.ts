import type { Clock } from '../../src/base/clock.ts'
import type {
  LoadCause,
  Loaded,
  LoadRequest,
  LoadScope,
  Origin,
  OriginChange,
  OriginStats,
} from '../../src/origin/origin.ts'
import { noRefusals } from '../../src/origin/refusal.ts'

interface Held {
  readonly request: LoadRequest
  readonly answer: () => void
  readonly fail: (error: unknown) => void
}

/** An origin whose rows the test sets, and whose answers it can hold back. */
export class ScriptedOrigin implements Origin {
  readonly name = 'scripted'
  readonly rows = new Map<string, string>()
  /** Of rows, where they name any. */
  readonly tags = new Map<string, readonly string[]>()
  readonly asked: LoadRequest[] = []
  /** Loads that wait to be let go; the row is read when a load is let go. */
  readonly held: Held[] = []
  holding = false
  failure: unknown
  timeoutMs = 1_000
  canStore = true
  list: Origin['list']
  readonly stored: OriginChange[] = []
  /** Stores that wait to be let go, before they have changed anything; a `failure` rejects them so. */
  readonly heldStores: { readonly answer: () => void; readonly fail: (error: unknown) => void }[] = []
  holdingStores = false
  /** What stores fail with, and whether they have had their effect by then. */
  storeFailure: { readonly error: unknown; readonly afterTheFact: boolean } | undefined
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async start(): Promise<void> {}
  async close(): Promise<void> {}

  async load(request: LoadRequest): Promise<Loaded> {
    const sentAt = this.#clock.now()
    this.asked.push(request)
    if (this.failure !== undefined) throw this.failure
    // What a query sees is decided when it is sent, not when it comes back.
    const row = this.rows.get(request.key)
    if (this.holding) {
      await new Promise<void>((resolve, reject) => this.held.push({ request, answer: resolve, fail: reject }))
    }
    const costMs = this.#clock.now() - sentAt
    return row === undefined
      ? { found: false, sentAt, costMs }
      : { found: true, value: Buffer.from(row), tags: this.tags.get(request.key) ?? [], sentAt, costMs }
  }

  async store(_scope: LoadScope, changes: readonly OriginChange[]): Promise<void> {
    if (this.holdingStores) {
      await new Promise<void>((answer, fail) => this.heldStores.push({ answer, fail }))
    }
    const { storeFailure } = this
    if (storeFailure?.afterTheFact === false) throw storeFailure.error
    this.stored.push(...changes)
    for (const change of changes) {
      if ('value' in change) this.rows.set(change.key, change.value.toString())
      else this.rows.delete(change.key)
    }
    if (storeFailure !== undefined) throw storeFailure.error
  }

  /** Lets everything go that is held, and what comes after. */
  letGo(): void {
    this.holding = false
    for (const { answer } of this.held.splice(0)) answer()
  }

  asks(cause: LoadCause): number {
    return this.asked.filter((request) => request.cause === cause).length
  }

  stats(): OriginStats {
    return {
      loads: {
        miss: this.asks('miss'),
        refresh: this.asks('refresh'),
        fallback: this.asks('fallback'),
        audit: this.asks('audit'),
        warm: this.asks('warm'),
      },
      stores: { stored: 0, refused: 0, unchanged: 0, unknown: 0 },
      limit: 1_000,
      share: 1_000,
      inFlight: this.held.length,
      waiting: 0,
      rejected: noRefusals(),
      retries: 0,
    }
  }
}
