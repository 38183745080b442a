import { type Metadata, status } from '@grpc/grpc-js'
import { type Chance, systemChance } from '../../base/chance.ts'
import { type Clock, systemClock, type Timer } from '../../base/clock.ts'
import { answerHead, answerStatus } from './answer-fields.ts'
import { Backoff } from './backoff.ts'
import type { CallGround, ClientCall } from './client-call.ts'
import { ClientLink } from './client-link.ts'
import type { CallOptions } from './client-rpc.ts'
import { Deadlines } from './deadlines.ts'
import { LastRead } from './last-read.ts'
import { RequestFields } from './request-fields.ts'
import { StreamingCall } from './streaming-call.ts'
import { parseTarget, type Target } from './target.ts'
import { UnaryCall } from './unary-call.ts'
import { WireStatus } from './wire-status.ts'

/** What gRPC takes unless told otherwise. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const CONNECT_WITHIN_MS = 20_000
/** A connection that lasted so long was one. */
const PROVEN_MS = 100
const USER_AGENT = 'ringside-wire-node'

export interface WireClientOptions {
  /** `host:port` or `unix:/path`. */
  readonly target: string
  readonly clock?: Clock
  readonly chance?: Chance
  /** Largest answer, also when it is expanded, in bytes; `RESOURCE_EXHAUSTED` beyond. */
  readonly maxMessageBytes?: number
  /** Sent with every call, beside the call's own. */
  readonly metadata?: Metadata | undefined
  /** Pings a server that says nothing while there are calls; many servers forbid it more often than every 5 minutes. */
  readonly keepalive?: { readonly afterMs: number; readonly withinMs: number }
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly link: ClientLink }
  | { readonly kind: 'ready'; readonly link: ClientLink; readonly since: number }
  | { readonly kind: 'backing-off'; readonly timer: Timer; readonly why: string }
  | { readonly kind: 'closed' }

/**
 * A gRPC client over one HTTP/2 connection to a plaintext target, which is made when the first call needs it and again
 * after it was lost. All calls of one turn of the event loop leave in one write.
 *
 * While connecting fails, calls fail at once with `UNAVAILABLE` unless they `waitForReady`. A call that the server has not
 * looked at (GOAWAY, REFUSED_STREAM) is made once more; any other that was under way on a lost connection fails.
 */
export class WireClient {
  readonly #clock: Clock
  readonly #target: Target
  readonly #keepalive: WireClientOptions['keepalive']
  readonly #ground: CallGround
  readonly #calls: Deadlines<ClientCall>
  readonly #backoff: Backoff
  /** Calls that wait for a connection, or for room on it. */
  readonly #waiting = new Set<ClientCall>()
  /** Links on which the last calls are ending. */
  readonly #leaving = new Set<ClientLink>()
  #state: State = { kind: 'idle' }

  constructor(options: WireClientOptions) {
    const { clock = systemClock, chance = systemChance } = options
    this.#clock = clock
    this.#target = parseTarget(options.target)
    this.#keepalive = options.keepalive
    this.#backoff = new Backoff(chance)
    this.#calls = new Deadlines(clock, (call) =>
      call.fail(new WireStatus(status.DEADLINE_EXCEEDED, 'the deadline passed')),
    )
    this.#ground = {
      clock,
      maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      fields: new RequestFields(this.#target.authority, USER_AGENT, options.metadata),
      heads: new LastRead(answerHead),
      statuses: new LastRead(answerStatus),
      repeat: (call) => this.#start(call),
      over: (call) => this.#over(call),
    }
  }

  /**
   * One message to the method at `path` (`/package.Service/Method`), and the one message that it answers, whose bytes
   * are the caller's. `message` must not change until the call has settled. Rejects with `WireStatus` only.
   */
  unary(path: string, message: Buffer, options: CallOptions = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) reject(new WireStatus(status.CANCELLED, 'cancelled by the caller'))
      else this.#add(new UnaryCall(this.#ground, { path, message, options }, resolve, reject))
    })
  }

  /**
   * Any number of messages to the method, and those that it answers, as they come: for methods that stream either way.
   * Nothing is sent before the connection takes it, nor read ahead by more than a few messages. Throws `WireStatus` at the
   * end of a call that failed; to stop reading cancels it.
   */
  stream(
    path: string,
    messages: Iterable<Buffer> | AsyncIterable<Buffer>,
    options: CallOptions = {},
  ): AsyncIterableIterator<Buffer> {
    const call = new StreamingCall(this.#ground, { path, messages, options })
    if (options.signal?.aborted) call.fail(new WireStatus(status.CANCELLED, 'cancelled by the caller'))
    else this.#add(call)
    return call
  }

  /** Ends the connection. Calls in flight, and all later ones, fail with `CANCELLED`. */
  async close(): Promise<void> {
    const state = this.#state
    this.#state = { kind: 'closed' }
    for (const call of [...this.#calls.open]) call.fail(closedStatus())
    this.#calls.close()
    if (state.kind === 'backing-off') state.timer.cancel()
    const links = [...this.#leaving]
    if (state.kind === 'connecting' || state.kind === 'ready') links.push(state.link)
    await Promise.all(links.map((link) => link.close()))
  }

  #add(call: ClientCall): void {
    this.#calls.add(call)
    this.#start(call)
  }

  #start(call: ClientCall): void {
    const state = this.#state
    const room = state.kind === 'ready' && this.#waiting.size === 0 ? state.link.room : undefined
    if (room !== undefined) call.begin(room)
    else if (state.kind === 'closed') call.fail(closedStatus())
    else if (state.kind === 'backing-off' && !call.waitForReady) call.fail(unavailable(this.#target, state.why))
    else this.#waiting.add(call)
    if (state.kind === 'idle') this.#connect()
  }

  #over(call: ClientCall): void {
    this.#calls.delete(call)
    if (this.#waiting.size === 0) return
    this.#waiting.delete(call)
    // The stream of this call is still counted at this moment.
    process.nextTick(() => this.#beginWaiting())
  }

  #beginWaiting(): void {
    if (this.#state.kind !== 'ready') return
    const { link } = this.#state
    for (const call of this.#waiting) {
      const { room } = link
      if (room === undefined) return
      this.#waiting.delete(call)
      call.begin(room)
    }
  }

  #connect(): void {
    const link: ClientLink = new ClientLink(
      { target: this.#target, clock: this.#clock, connectWithinMs: CONNECT_WITHIN_MS, keepalive: this.#keepalive },
      {
        ready: () => this.#ready(link),
        leaving: () => this.#left(link),
        lost: (why) => this.#lost(link, why),
      },
    )
    this.#state = { kind: 'connecting', link }
  }

  /** Also when the server changes its settings: there may be more room than before. */
  #ready(link: ClientLink): void {
    if (!this.#isCurrent(link)) return
    const since = this.#state.kind === 'ready' ? this.#state.since : this.#clock.now()
    this.#state = { kind: 'ready', link, since }
    this.#beginWaiting()
  }

  #left(link: ClientLink): void {
    this.#leaving.add(link)
    if (this.#isCurrent(link)) this.#reconnect()
  }

  #lost(link: ClientLink, why: string): void {
    this.#leaving.delete(link)
    if (!this.#isCurrent(link)) return
    // A connection that is lost as soon as it is made is no better than none.
    if (this.#state.kind === 'ready' && this.#clock.now() - this.#state.since >= PROVEN_MS) {
      this.#backoff.succeeded()
      this.#reconnect()
    } else this.#backOff(why)
  }

  #backOff(why: string): void {
    const timer = this.#clock.after(this.#backoff.failed(), () => this.#connect())
    this.#state = { kind: 'backing-off', timer, why }
    for (const call of [...this.#waiting]) if (!call.waitForReady) call.fail(unavailable(this.#target, why))
  }

  /** At once if somebody waits, else with the next call. */
  #reconnect(): void {
    this.#state = { kind: 'idle' }
    if (this.#waiting.size > 0) this.#connect()
  }

  #isCurrent(link: ClientLink): boolean {
    const state = this.#state
    return (state.kind === 'connecting' || state.kind === 'ready') && state.link === link
  }
}

function closedStatus(): WireStatus {
  return new WireStatus(status.CANCELLED, 'the client was closed')
}

function unavailable({ socket, authority }: Target, why: string): WireStatus {
  return new WireStatus(status.UNAVAILABLE, `no connection to ${'path' in socket ? socket.path : authority}: ${why}`)
}
