import type { Line, LineFailure, Reply, Server } from '../../src/store/line.ts'
import type { MemoryClient } from '../../src/store/memory/memory-tracking.ts'
import type { ArgumentsOf, OperationName, ResultOf } from '../../src/store/operations.ts'
import { UNKNOWN_FACTS } from '../../src/store/server-facts.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'
import type { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'
import type { ServerLife } from './simulated-server.ts'

export interface OpenConnection {
  readonly carries: 'data' | 'news'
  /** Cuts it: at the server's end at once. */
  readonly cut: () => void
  /** Ends it on this side; what was sent still comes in at the server. */
  readonly drop: () => void
}

export interface Wire {
  readonly world: Scheduler
  readonly clock: ProcessClock
  readonly chance: SeededChance
  readonly timeoutMs: number
  /** The share of requests that are held up for longer than their caller waits. */
  readonly heldUp: number
  /** The share of packets that take up to 150 ms. */
  readonly slow: number
  /** No packet passes before this moment of the world. */
  partitionedUntil: number
  /** Every open connection of this process to the server, by whether it carries data or news. */
  readonly open: Set<OpenConnection>
}

const READ_ONLY: ReadonlySet<OperationName> = new Set(['get', 'stamped'])

/** Their answers do not tell the server's TIME. */
const TIMELESS: ReadonlySet<OperationName> = new Set(['lock', 'drop'])

class Refused extends Error {}

/** One direction of a TCP connection: what is sent first arrives first, whatever the delays. */
class Stream {
  readonly #wire: Wire
  #lastAt = 0

  constructor(wire: Wire) {
    this.#wire = wire
  }

  deliver(run: () => void, extraMs = 0): void {
    const { world, chance } = this.#wire
    const delayMs = chance.between(0.1, 2) + (chance.happens(this.#wire.slow) ? chance.between(0, 150) : 0) + extraMs
    const at = Math.max(world.now + delayMs, this.#wire.partitionedUntil, this.#lastAt)
    this.#lastAt = at
    world.plan(at - world.now, run)
  }
}

/** A shard's server as a simulated sidecar reaches it. */
export class WiredServer implements Server {
  readonly #lifeNow: () => ServerLife
  readonly #wire: Wire

  constructor(lifeNow: () => ServerLife, wire: Wire) {
    this.#lifeNow = lifeNow
    this.#wire = wire
  }

  dial(lost: (why: string) => void): Promise<Line> {
    const { world, clock, chance } = this.#wire
    return new Promise((resolve, reject) => {
      const delayMs = chance.between(0.2, 3)
      world.plan(delayMs, () =>
        clock.deliver(() => {
          if (world.now < this.#wire.partitionedUntil) reject(new Error('unreachable'))
          else resolve(new SimulatedLine(this.#lifeNow(), this.#wire, lost))
        }),
      )
    })
  }

  refusal(): undefined {}

  judge(error: unknown): LineFailure {
    const kind = error instanceof Refused ? 'NOREPLICAS' : 'connection'
    return { kind, meaning: 'unanswered', retryAfterMs: undefined }
  }

  close(): void {}
}

class SimulatedLine implements Line {
  readonly #life: ServerLife
  readonly #wire: Wire
  readonly #lost: (why: string) => void
  readonly #out: Stream
  readonly #back: Stream
  readonly #pending = new Set<(error: Error) => void>()
  readonly #ends: (() => void)[] = []
  #client: MemoryClient = { changed: undefined }
  #isOpen = true
  #isDeaf = false
  #ping: (() => Promise<void>) | undefined

  constructor(life: ServerLife, wire: Wire, lost: (why: string) => void) {
    this.#life = life
    this.#wire = wire
    this.#lost = lost
    this.#out = new Stream(wire)
    this.#back = new Stream(wire)
    this.#register('data')
  }

  send<Name extends OperationName>(name: Name, args: ArgumentsOf<Name>): Promise<Reply<ResultOf<Name>>> {
    const { clock, chance } = this.#wire
    const sentAt = clock.now()
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) return reject(new Error('closed'))
      const fail = (error: Error) => {
        timer.cancel()
        if (this.#pending.delete(fail)) reject(error)
      }
      this.#pending.add(fail)
      const timer = clock.after(this.#wire.timeoutMs, () => fail(new Error('timeout')))
      // Now and then a request is held up for longer than its caller waits.
      this.#arrive(chance.happens(this.#wire.heldUp) ? chance.between(0, 3_000) : 0, () => {
        let answer: () => void
        try {
          const value = this.#carryOut(name, args)
          const serverUs = READ_ONLY.has(name) || TIMELESS.has(name) ? undefined : this.#life.memory.timeUs()
          answer = () => {
            timer.cancel()
            if (this.#pending.delete(fail)) resolve({ value, sentAt, serverUs })
          }
        } catch (error) {
          answer = () => fail(error as Error)
        }
        // A reply is lost with the connection it was to come on.
        if (chance.happens(0.0005)) return this.#cut('reset')
        this.#back.deliver(() => clock.deliver(() => this.#isOpen && answer()))
      })
    })
  }

  async track(changed: (key: string | undefined) => void): Promise<void> {
    const { clock, chance } = this.#wire
    const asks = new Stream(this.#wire)
    const news = new Stream(this.#wire)
    this.#register('news')
    const client: MemoryClient = {
      changed: (key) => {
        const times = chance.happens(0.02) ? 2 : 1
        const slowMs = chance.happens(0.02) ? chance.between(0, 300) : 0
        for (let time = 0; time < times; time += 1) {
          news.deliver(() => clock.deliver(() => this.#isOpen && changed(key)), slowMs)
        }
      },
    }
    this.#ping = () =>
      new Promise((resolve) => {
        asks.deliver(() => this.#whenThawed(() => news.deliver(() => clock.deliver(resolve))))
      })
    await new Promise<void>((resolve, reject) => {
      this.#pending.add(reject)
      this.#arrive(0, () => {
        this.#client = client
        this.#back.deliver(() =>
          clock.deliver(() => {
            this.#pending.delete(reject)
            resolve()
          }),
        )
      })
    })
  }

  async pingChannel(): Promise<void> {
    await this.#ping?.()
  }

  inspect() {
    return Promise.resolve(UNKNOWN_FACTS)
  }

  close(): void {
    this.#cut('closed')
  }

  #carryOut<Name extends OperationName>(name: Name, args: ArgumentsOf<Name>): ResultOf<Name> {
    if (this.#life.refusesWrites && !READ_ONLY.has(name)) throw new Refused('not enough good replicas')
    return this.#life.memory.execute(name, args, this.#client)
  }

  /** Runs at the server, in the order of sending, once that is not frozen; also when the sender has gone meanwhile. */
  #arrive(heldUpMs: number, run: () => void): void {
    this.#out.deliver(() => this.#whenThawed(() => (this.#isDeaf ? undefined : run())), heldUpMs)
  }

  #whenThawed(run: () => void): void {
    const { world } = this.#wire
    const frozenMs = this.#life.frozenUntil - world.now
    if (frozenMs > 0) world.plan(frozenMs, run)
    else run()
  }

  /** A connection that can be cut: at the server's end at once, while this end may hear of it later. */
  #register(carries: 'data' | 'news'): void {
    const { open, world, chance } = this.#wire
    const cut = () => {
      if (carries === 'data') this.#isDeaf = true
      this.#life.memory.forget(this.#client)
      this.#client = { changed: undefined }
      world.plan(chance.happens(0.3) ? chance.between(0, 2_500) : 1, () => this.#cut(`${carries} connection cut`))
    }
    const entry = { carries, cut, drop: () => this.#cut('given up') }
    open.add(entry)
    this.#life.onGone.add(cut)
    this.#ends.push(() => {
      open.delete(entry)
      this.#life.onGone.delete(cut)
    })
  }

  #cut(why: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const end of this.#ends.splice(0)) end()
    this.#life.memory.forget(this.#client)
    // What is under way fails when the process hears of it; nothing comes after that.
    this.#wire.clock.deliver(() => {
      for (const fail of [...this.#pending]) fail(new Error(why))
      this.#pending.clear()
      this.#lost(why)
    })
  }
}
