import type { Timer } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Party, Sent } from '../flight/party.ts'
import type { Queued } from '../guard/fair-queue.ts'
import type { LoadCause, Loaded, LoadRequest, LoadScope } from './origin.ts'

/** One key that is wanted of an origin, for all who want it: it waits, then it is asked for, then it is answered. */
export class Wanted implements Queued {
  readonly scope: LoadScope
  readonly key: string
  /** The key with its scope. */
  readonly name: string
  readonly cause: LoadCause
  readonly wantedAt: number
  readonly answer: Promise<Loaded>
  readonly #parties: Party[] = []
  /** Requests that came without a party. */
  #lone = 0
  #settle!: (answer: Loaded | RingsideError) => void
  #onChange: (() => void) | undefined
  #timer: Timer | undefined

  constructor({ keyspace, tenant, key, cause }: LoadRequest, name: string, wantedAt: number) {
    this.scope = { keyspace, tenant }
    this.key = key
    this.name = name
    this.cause = cause
    this.wantedAt = wantedAt
    this.answer = new Promise((resolve, reject) => {
      this.#settle = (answer) => (answer instanceof RingsideError ? reject(answer) : resolve(answer))
    })
  }

  get scopeName(): string {
    // Neither part may contain a colon.
    return `${this.scope.keyspace}:${this.scope.tenant}`
  }

  get group(): string {
    return this.scope.keyspace
  }

  get lot(): string {
    return this.scope.tenant
  }

  /** How many wait for it. */
  get heat(): number {
    return this.#parties.reduce((sum, party) => sum + party.size, this.#lone)
  }

  /** When the last of them should have an answer; `Infinity` = whenever it comes. */
  get answerBy(): number {
    if (this.#lone > 0) return Number.POSITIVE_INFINITY
    return this.#parties.reduce((latest, party) => Math.max(latest, party.answerBy), Number.NEGATIVE_INFINITY)
  }

  callers(): ReadonlySet<string> {
    const [first] = this.#parties
    if (first !== undefined && this.#parties.length === 1 && this.#lone === 0) return first.callers()
    const named = this.#parties.flatMap((party) => [...party.callers()])
    return new Set(this.#lone > 0 ? [...named, ''] : named)
  }

  /** Lets those who asked wait for it too. */
  join(party: Party | undefined): void {
    if (party === undefined) this.#lone += 1
    else this.#parties.push(party)
    if (this.#onChange !== undefined) party?.watch(this.#onChange)
  }

  /** Has `onChange` run when they become more. */
  watch(onChange: () => void): void {
    this.#onChange = onChange
    for (const party of this.#parties) party.watch(onChange)
  }

  /** The timer that bounds its present state, in place of the one before. */
  time(timer: Timer | undefined): void {
    this.#timer?.cancel()
    this.#timer = timer
  }

  /** It is asked for: nobody joins it any more. */
  leave(sent: Sent): void {
    for (const party of this.#parties) {
      party.watch(undefined)
      party.sent = sent
    }
    this.time(undefined)
  }

  /** Once; what comes later has no effect. */
  end(answer: Loaded | RingsideError): void {
    for (const party of this.#parties) party.watch(undefined)
    this.time(undefined)
    this.#settle(answer)
  }
}
