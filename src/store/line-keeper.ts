import type { Chance } from '../base/chance.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import { newEpoch } from './epoch.ts'
import type { Line, Reply, Server } from './line.ts'
import { type Heard, OpenLine } from './open-line.ts'
import type { Beat, Pulse } from './operations.ts'
import type { OwnBeats } from './own-beats.ts'
import { Probes } from './probes.ts'
import { redialMs } from './redial.ts'

export interface LineKeeperOptions {
  readonly shard: string
  /** Before the names of control keys: `env:~`. */
  readonly controls: string
  readonly heartbeatMs: number
  /** Makes the names of this line's probe keys its own; `undefined` = the line is not tracked. */
  readonly probeName: string | undefined
  readonly rules: Rules
}

export interface LineKeeperParts {
  readonly server: Server
  readonly beats: OwnBeats
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** What this sidecar has to say with the next heartbeat. */
  readonly say: () => Omit<Beat, 'controls' | 'candidate' | 'probe'>
  /** Called as each heartbeat of an open line leaves. */
  readonly onBeat?: () => void
  /** Called with each answered heartbeat, on the line where it was; true asks for the next one soon. */
  readonly onHeard: (open: OpenLine) => boolean
  /** Whether what the channel proves counts: the shard may have forgotten this sidecar otherwise. */
  readonly mayProve: () => boolean
  /** A key that was read through this line has changed; `undefined` = any may have. */
  readonly onChanged: (key: string | undefined) => void
  readonly onLost: () => void
  /** How many sidecars dial the server, as far as is known. */
  readonly fleet: () => number
}

/** So many heartbeats that were answered without their probe being heard of: the channel is dead, though its connection stands. */
const MOST_UNHEARD = 5
/** How much sooner than usual the next heartbeat goes when there is something to say or to learn. */
const SOON_SHARE = 0.25

/**
 * Keeps one line to a server open, introduced and heard: dials, sends a heartbeat before anything else, sets tracking up
 * where it is asked for, beats once per interval, and dials anew when the line is lost.
 */
export class LineKeeper {
  readonly #options: LineKeeperOptions
  readonly #parts: LineKeeperParts
  #open: OpenLine | undefined
  /** The last line that was open, for what outlives it. */
  #former: OpenLine | undefined
  #line: Line | undefined
  #timer: Timer | undefined
  #attempts = 0
  /** The timer is for the next attempt to dial. */
  #waits = false
  #why = 'not connected yet'
  #closed = false
  readonly #probes: Probes | undefined

  constructor(options: LineKeeperOptions, parts: LineKeeperParts) {
    this.#options = options
    this.#parts = parts
    const { probeName, controls } = options
    this.#probes = probeName === undefined ? undefined : new Probes(`${controls}probe:${probeName}:`)
  }

  /** The line, once it may be used. */
  get open(): OpenLine | undefined {
    return this.#open
  }

  /** Why there is none. */
  get why(): string {
    return this.#why
  }

  /** Resolves after the first attempt, whether it succeeded or not; further attempts follow by themselves. */
  start(): Promise<void> {
    return this.#dial()
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#line?.close()
  }

  /** Leaves this connection for a new one: another server may answer there by now. */
  redial(): void {
    this.#line?.close()
  }

  /** What was out of reach is there by now: the next attempt is as soon as the first one. */
  found(): void {
    if (this.#open !== undefined) return
    this.#attempts = 0
    if (this.#waits) this.#dialLater()
  }

  /** Has the next heartbeat go at once, unless one is under way. */
  hurry(): void {
    if (this.#open && this.#timer) this.#beatIn(0)
  }

  async #dial(): Promise<void> {
    const { server } = this.#parts
    this.#waits = false
    this.#attempts += 1
    let line: Line | undefined
    try {
      line = await server.dial((why) => this.#lose(line, why))
      if (this.#closed) return line.close()
      this.#line = line
      await this.#introduce(line)
    } catch (error) {
      this.#fail(error instanceof Error && error.message !== '' ? error.message : server.judge(error).kind)
      if (this.#closed) return
      // A line that was lost meanwhile has seen to the next one already.
      if (line === undefined) this.#dialLater()
      else if (this.#line === line) line.close()
    }
  }

  async #introduce(line: Line): Promise<void> {
    const { rules, probeName } = this.#options
    const former = this.#former
    if (!rules.heartbeatFirst && former !== undefined) {
      this.#open = this.#opened(line, former.heard)
      if (probeName !== undefined) await this.#track(line)
      return this.#beatIn(this.#options.heartbeatMs)
    }
    const { reply, heard } = await this.#ask(line, '')
    const open = this.#opened(line, heard)
    open.clock.observe(reply.sentAt, this.#parts.clock.now(), reply.serverUs ?? 0)
    if (probeName !== undefined) await this.#track(line)
    if (this.#line !== line) return
    this.#open = open
    this.#former = open
    this.#attempts = 0
    this.#why = 'none'
    const soon = this.#parts.onHeard(open)
    if (probeName !== undefined) return this.#beat()
    this.#beatIn(this.#options.heartbeatMs * (soon ? SOON_SHARE : 1))
  }

  #opened(line: Line, heard: Heard): OpenLine {
    const { rules, heartbeatMs } = this.#options
    const proof = rules.proofEndsWithPair ? undefined : this.#former?.proof
    return new OpenLine(line, heard, { rules, heartbeatMs, ...(proof === undefined ? {} : { proof }) })
  }

  #track(line: Line): Promise<void> {
    return line.track((key) => {
      if (this.#line !== line) return
      if (key !== undefined && this.#probes?.heard(key)) this.#prove()
      else this.#parts.onChanged(key)
    })
  }

  #prove(answeredAt?: number): void {
    const provenAt = this.#probes?.provenAt(answeredAt) ?? Number.NEGATIVE_INFINITY
    if (this.#options.rules.loopProof && this.#parts.mayProve()) this.#open?.proof.raise(provenAt)
  }

  #beatIn(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(delayMs, () => void this.#beat())
  }

  /** One heartbeat of an open line. Never rejects: an unanswered one is noticed by its absence. */
  async #beat(): Promise<void> {
    const open = this.#open
    this.#timer = undefined
    if (open === undefined) return
    const { clock, server, log } = this.#parts
    const begunAt = clock.now()
    let soon = false
    const probe = this.#probes?.next(begunAt) ?? ''
    this.#parts.onBeat?.()
    try {
      if (!this.#options.rules.loopProof) void this.#pinged(open)
      const read = probe === '' ? undefined : open.line.send('get', { key: probe })
      const [{ reply, heard }] = await Promise.all([this.#ask(open.line, probe), read])
      open.clock.observe(reply.sentAt, clock.now(), reply.serverUs ?? 0)
      open.hear(heard)
      soon = this.#open === open && this.#parts.onHeard(open)
      this.#prove(begunAt)
      if (this.#open === open && (this.#probes?.unheard ?? 0) > MOST_UNHEARD) open.line.close()
    } catch (error) {
      this.#probes?.drop(probe)
      log.debug({ shard: this.#options.shard, kind: server.judge(error).kind }, 'heartbeat unanswered')
    }
    if (this.#open !== open || this.#closed) return
    const { heartbeatMs } = this.#options
    this.#beatIn(Math.max(0, begunAt + heartbeatMs * (soon ? SOON_SHARE : 1) - clock.now()))
  }

  async #pinged(open: OpenLine): Promise<void> {
    const sentAt = this.#parts.clock.now()
    await open.line.pingChannel().catch(() => this.#parts.onLost())
    open.proof.raise(sentAt)
  }

  async #ask(line: Line, probe: string): Promise<{ reply: Reply<Pulse>; heard: Heard }> {
    const { beats, chance, clock, say } = this.#parts
    const reply = await line.send('beat', {
      controls: this.#options.controls,
      candidate: newEpoch(chance),
      probe,
      ...say(),
    })
    const { value: pulse, sentAt } = reply
    beats.add(pulse.epoch, pulse.stamp, sentAt)
    return { reply, heard: { pulse, sentAt, quarantineAsOf: beats.quarantineAsOf(pulse, clock.now()) } }
  }

  #lose(line: Line | undefined, why: string): void {
    if (line === undefined || this.#line !== line) return
    this.#line = undefined
    this.#timer?.cancel()
    this.#probes?.clear()
    if (this.#options.rules.proofEndsWithPair) this.#open?.proof.lose()
    // Why it could not be introduced says more than that it was closed for that.
    if (this.#open !== undefined) this.#fail(why)
    this.#open = undefined
    this.#parts.onLost()
    if (!this.#closed) this.#dialLater()
  }

  #dialLater(): void {
    const { clock, chance, fleet } = this.#parts
    this.#waits = true
    this.#timer?.cancel()
    this.#timer = clock.after(redialMs(this.#attempts, fleet(), chance), () => void this.#dial())
  }

  #fail(why: string): void {
    const isNews = why !== this.#why && !this.#closed
    if (isNews) this.#parts.log.warn({ shard: this.#options.shard, why }, 'shard connection failed')
    this.#why = why
  }
}
