import type { Rules } from '../base/rules.ts'
import { ChannelProof } from './channel-proof.ts'
import type { Epoch } from './epoch.ts'
import type { Line } from './line.ts'
import type { Pulse } from './operations.ts'
import type { EntryRecord } from './record.ts'
import { ServerClock } from './server-clock.ts'

/** What the last answered heartbeat of a line says, and when that was sent. */
export interface Heard {
  readonly pulse: Pulse
  readonly sentAt: number
  /** As of when entries of the quarantined epochs are known to be current; `undefined` = they are not to be used. */
  readonly quarantineAsOf: number | undefined
}

/** A line that has been introduced: how current what it answers is. */
export class OpenLine {
  readonly line: Line
  readonly clock = new ServerClock()
  readonly #rules: Rules
  readonly #heartbeatMs: number
  #heard: Heard
  #proof: ChannelProof
  /** The stamp of the first heartbeat that heard of an epoch that it is accepted. */
  readonly #acceptedFrom = new Map<Epoch, number>()

  constructor(line: Line, heard: Heard, parts: { rules: Rules; heartbeatMs: number; proof?: ChannelProof }) {
    this.line = line
    this.#heard = heard
    this.#rules = parts.rules
    this.#heartbeatMs = parts.heartbeatMs
    this.#proof = parts.proof ?? new ChannelProof()
    this.#noteAccepted(heard)
  }

  get heard(): Heard {
    return this.#heard
  }

  get epoch(): Epoch {
    return this.#heard.pulse.epoch
  }

  get proof(): ChannelProof {
    return this.#proof
  }

  hear(heard: Heard): void {
    if (heard.pulse.epoch !== this.epoch && this.#rules.epochs) this.unprove()
    this.#heard = heard
    this.#noteAccepted(heard)
  }

  #noteAccepted({ pulse }: Heard): void {
    for (const known of this.#acceptedFrom.keys()) if (!pulse.accepted.includes(known)) this.#acceptedFrom.delete(known)
    for (const epoch of pulse.accepted) if (!this.#acceptedFrom.has(epoch)) this.#acceptedFrom.set(epoch, pulse.stamp)
  }

  /** What was read on this line so far is vouched for by nothing but the moment of its own read. */
  unprove(): void {
    this.#proof.lose()
    this.#proof = new ChannelProof()
  }

  /**
   * As of when an answer of the present epoch to a request that was sent at `sentAt`, when `heard` was the last answered
   * heartbeat, is known to be current.
   */
  vouchedAt(sentAt: number, heard: Heard): number {
    if (!this.#rules.twoHeartbeats || heard.sentAt > sentAt - 2 * this.#heartbeatMs) return sentAt
    return heard.sentAt
  }

  /** See `Shard.serverUs`. */
  serverUs(now: number): number | undefined {
    const ms = this.clock.earliest(now)
    return ms === undefined ? undefined : ms * 1_000
  }

  /** See `Shard.momentOf`. */
  momentOf(epoch: Epoch, us: number): number {
    const moment = epoch === this.epoch ? this.clock.momentOf(us / 1_000) : undefined
    return moment ?? Number.NEGATIVE_INFINITY
  }

  /** As of when an entry is known to be current; `undefined` when its epoch makes it a miss. */
  asOf(record: EntryRecord, vouchedAt: number, heard: Heard): number | undefined {
    const { pulse, quarantineAsOf } = this.#heard
    if (record.epoch === pulse.epoch || !this.#rules.epochs) return vouchedAt
    // An older epoch is as good as the heartbeat that said so.
    if (pulse.accepted.includes(record.epoch)) return Math.min(vouchedAt, heard.sentAt)
    if (quarantineAsOf === undefined || !pulse.past?.epochs.includes(record.epoch)) return undefined
    return Math.min(vouchedAt, quarantineAsOf)
  }

  /**
   * The same for what a replica holds that has replicated the own heartbeat with that stamp. What makes an older epoch
   * acceptable, the changes that were replayed, it holds only if that heartbeat already heard that the epoch is accepted.
   */
  asOfReplicated(record: EntryRecord, { asOf, stamp }: { asOf: number; stamp: number }): number | undefined {
    const isAccepted = this.#heard.pulse.accepted.includes(record.epoch)
    const acceptedFrom = this.#acceptedFrom.get(record.epoch) ?? Number.POSITIVE_INFINITY
    if (this.#rules.epochs && isAccepted && stamp < acceptedFrom) return undefined
    return this.asOf(record, asOf, this.#heard)
  }

  /** Whether what is tracked on this line may be raised by its proof: not what comes from a quarantined memory. */
  isProvable(record: EntryRecord): boolean {
    const { pulse } = this.#heard
    return record.epoch === pulse.epoch || pulse.accepted.includes(record.epoch) || !this.#rules.epochs
  }

  /** The epochs whose entries nothing can have overtaken unnoticed; the current one first. */
  get soundEpochs(): readonly Epoch[] {
    return [this.epoch, ...this.#heard.pulse.accepted]
  }

  /** The epochs whose entries satisfy a reader who wants nothing older than `notBefore`; the current one first. */
  epochsFor(notBefore: number): readonly Epoch[] {
    const { pulse, sentAt, quarantineAsOf } = this.#heard
    const epochs = [pulse.epoch]
    if (sentAt >= notBefore) epochs.push(...pulse.accepted)
    if (quarantineAsOf !== undefined && quarantineAsOf >= notBefore) epochs.push(...(pulse.past?.epochs ?? []))
    return epochs
  }
}
