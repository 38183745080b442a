import type { CallContext } from '../../src/guard/departed-call.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'

export interface SimulatedDatabaseParts {
  readonly world: Scheduler
  readonly chance: SeededChance
  /** Called as a query begins, with how many run then. */
  readonly onQuery: (running: number, by: string) => void
}

/** One process and what it tells the database. */
export interface DatabaseClient {
  readonly name: string
  readonly clock: ProcessClock
  /** The `statement_timeout` of its connections. */
  readonly timeoutMs: number
}

/**
 * A database as its clients load it. A query runs until it has ended there, whatever became of who sent it: by itself, by a
 * cancel request that came through, or by the statement timeout. Its client hears of that later.
 */
export class SimulatedDatabase {
  readonly #parts: SimulatedDatabaseParts
  /** Queries that run now. */
  running = 0
  /** Milliseconds that queries have run, together. */
  ranMs = 0

  constructor(parts: SimulatedDatabaseParts) {
    this.#parts = parts
  }

  /** As an adapter does it: a connection first, then the query; after an abort it settles when the query has ended. */
  async query(client: DatabaseClient, context: CallContext): Promise<void> {
    const { chance } = this.#parts
    const { clock } = client
    await elapse(clock, chance.happens(0.03) ? chance.between(0, client.timeoutMs) : chance.between(0, 1))
    if (clock.now() >= context.deadlineAt) throw new Error('was no longer waited for')
    await new Promise<void>((resolve) => this.#send(client, context, resolve))
  }

  #send({ name, clock, timeoutMs }: DatabaseClient, { signal }: CallContext, settle: () => void): void {
    const { world, chance, onQuery } = this.#parts
    const wayMs = () => (chance.happens(0.01) ? chance.between(0, 300) : chance.between(0.1, 3))
    const longMs = chance.happens(0.2) ? chance.between(0, 2 * timeoutMs) : chance.between(5, 60)
    let end: () => void = () => undefined
    world.plan(wayMs(), () => {
      const begunAt = world.now
      this.running += 1
      onQuery(this.running, name)
      let isRunning = true
      end = () => {
        if (!isRunning) return
        isRunning = false
        this.running -= 1
        this.ranMs += world.now - begunAt
        world.plan(wayMs(), () => clock.deliver(settle))
      }
      world.plan(Math.min(longMs, timeoutMs), end)
    })
    // What asks to cancel may get lost, or be there before the query is.
    signal.addEventListener('abort', () => chance.happens(0.8) && world.plan(wayMs(), () => end()), { once: true })
  }
}

function elapse(clock: ProcessClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve))
}
