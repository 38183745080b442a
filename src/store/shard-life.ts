import { pause } from '../base/clock.ts'
import { DebtsOfOthers } from './debts-of-others.ts'
import { Deferral } from './deferral.ts'
import { Inspection } from './inspection.ts'
import { LineKeeper, type LineKeeperParts } from './line-keeper.ts'
import { Membership } from './membership.ts'
import type { NoticeBoard } from './notice-board.ts'
import type { OpenLine } from './open-line.ts'
import { OwnBeats } from './own-beats.ts'
import { Replay } from './replay.ts'
import { ReplayLog } from './replay-log.ts'
import { Replica } from './replica.ts'
import { Replicas } from './replicas.ts'
import type { ShardState } from './shard-stats.ts'
import { SILENT_BEAT } from './silent-beat.ts'
import type { TierShardOptions, TierShardParts } from './tier-shard.ts'
import { Wakes } from './wakes.ts'

/** Some less than a shard remembers a silent member. */
const MEMBER_MS = 10_000

/**
 * The life of one shard as this sidecar follows it: a plain line for all requests, a tracked one for what is to be kept,
 * and, when the shard's memory turns out to have gone back in time, the replay of this sidecar's own changes.
 */
export class ShardLife {
  readonly board: NoticeBoard
  readonly changes: ReplayLog
  readonly inspection = new Inspection()
  readonly wakes: Wakes
  readonly replicas: Replicas
  /** What could not be said to the server yet; `undefined` where that is not kept. */
  readonly deferral: Deferral | undefined
  readonly #debts: DebtsOfOthers | undefined
  readonly #options: TierShardOptions
  readonly #parts: TierShardParts
  readonly #membership: Membership
  readonly #beats = new OwnBeats()
  readonly #replay: Replay
  readonly #plain: LineKeeper
  readonly #tracked: LineKeeper
  #floor = 0
  #epochs = 0
  #epochBegunAt = Number.NEGATIVE_INFINITY
  #forgotAt = Number.NEGATIVE_INFINITY
  #leaves = false
  #known: OpenLine | undefined

  constructor(options: TierShardOptions, parts: TierShardParts) {
    const { name: shard, controls, heartbeatMs, rules, member } = options
    this.#options = options
    this.#parts = parts
    this.wakes = parts.wakes ?? new Wakes()
    this.changes = new ReplayLog(parts.clock)
    this.#membership = new Membership(member, parts.clock)
    this.board = this.#membership.board
    const { journal, debts } = parts
    if (journal !== undefined) debts?.keep(shard, journal)
    this.#debts = debts && new DebtsOfOthers({ ...parts, shard, debts, board: this.board, changes: this.changes })
    const settled = () => this.settled
    this.deferral = journal && new Deferral({ ...parts, shard, journal, changes: this.changes, settled })
    this.#replay = new Replay({
      ...parts,
      shard,
      beats: this.#beats,
      changes: this.changes,
      membership: this.#membership,
    })
    const common = { ...parts, beats: this.#beats, fleet: () => this.#membership.members.length }
    const plain: LineKeeperParts = {
      ...common,
      say: () => this.#say(),
      onBeat: () => parts.onBeat?.(shard),
      onHeard: (open) => this.#onHeard(open),
      mayProve: () => true,
      onChanged: () => undefined,
      onLost: () => undefined,
    }
    const tracked: LineKeeperParts = {
      ...common,
      say: () => SILENT_BEAT,
      onBeat: () => undefined,
      onHeard: ({ heard }) => parts.versions?.heard(shard, heard.pulse.versions) ?? false,
      mayProve: () => this.isMember,
      onChanged: (key) => this.#onChanged(key),
      onLost: () => this.wakes.wakeAll(),
    }
    this.replicas = new Replicas(
      ({ name, server }) => new Replica({ shard, name, controls, heartbeatMs }, { ...common, server }),
    )
    const keeper = { shard, controls, heartbeatMs, rules }
    this.#plain = new LineKeeper({ ...keeper, probeName: undefined }, plain)
    this.#tracked = new LineKeeper({ ...keeper, probeName: member }, tracked)
  }

  get epochs(): number {
    return this.#epochs
  }

  /** When this sidecar first heard of the present epoch. */
  get epochBegunAt(): number {
    return this.#epochBegunAt
  }

  /** When its memory may last have lost something; `-Infinity` = never, as far as this sidecar and the shard know. */
  get forgotAt(): number {
    return this.#forgotAt
  }

  get trackingUp(): boolean {
    return this.#tracked.open !== undefined
  }

  /** The largest version seen: no version made for this sidecar may be below it. */
  get floor(): number {
    return this.#floor
  }

  see(version: number): number {
    if (version > this.#floor) this.#floor = version
    return version
  }

  get settled(): boolean {
    return this.#membership.settled
  }

  /** Whether the others can know of this sidecar: whom a shard has forgotten, nobody waits for. */
  get isMember(): boolean {
    const { open } = this.#plain
    return open !== undefined && this.#parts.clock.now() - open.heard.sentAt < MEMBER_MS
  }

  /** Why there is no line. */
  get why(): string {
    return this.#plain.why
  }

  async start(): Promise<void> {
    const { replicas, roster, versions } = this.#parts
    versions?.join({ name: this.#options.name, board: this.board, hurry: () => this.#plain.hurry() })
    roster?.follow({
      fleet: () => this.#membership.members.length,
      found: () => {
        for (const keeper of [this.#plain, this.#tracked]) keeper.found()
      },
      replicas: (now) => void this.replicas.become(now),
    })
    await Promise.all([this.#plain.start(), this.#tracked.start()])
    // After the first heartbeat, whose stamp they then look for.
    await Promise.all([this.replicas.become(replicas ?? []), roster?.look()])
    // Others hear of this sidecar with their next heartbeats: until then nobody's writes could be acknowledged.
    if (this.#plain.open !== undefined) await this.settling(2 * this.#options.heartbeatMs)
  }

  async close(): Promise<void> {
    this.#leaves = true
    this.#parts.versions?.leave(this.#options.name)
    const { open } = this.#plain
    if (open !== undefined) {
      const beat = { controls: this.#options.controls, candidate: open.epoch, probe: '', floor: 0 }
      await open.line.send('beat', { ...beat, ...this.#membership.beat(true) }).catch(() => undefined)
    }
    this.#plain.close()
    this.#tracked.close()
    this.#parts.roster?.close()
    this.replicas.close()
    this.#parts.server.close()
    await this.#parts.journal?.close()
  }

  state(): ShardState {
    const open = this.#plain.open
    if (open === undefined) return { up: false, why: `no connection: ${this.why}` }
    const refusal = this.#parts.server.refusal()
    if (refusal !== undefined) return { up: false, why: refusal }
    if (this.deferral?.blocks) return { up: false, why: 'what its journal holds has to be replayed first' }
    return { up: true, warnings: this.inspection.warnings }
  }

  /** The line for a request; the plain one where the tracked one is missing. */
  line(tracked: boolean): OpenLine | undefined {
    return (tracked && this.isMember ? this.#tracked.open : undefined) ?? this.#plain.open
  }

  /** The last line to the primary that was open, which tells of the last epoch known. */
  get known(): OpenLine | undefined {
    return this.#known
  }

  /** What was read with tracking so far counts no longer than the moment of its own read. */
  unprove(): void {
    this.#tracked.open?.unprove()
  }

  isTracked(open: OpenLine): boolean {
    return open === this.#tracked.open
  }

  redial(): void {
    this.#plain.redial()
    this.#tracked.redial()
  }

  /** Resolves when all others have heard of this sidecar, or after `mostMs`. */
  async settling(mostMs: number): Promise<void> {
    const { clock } = this.#parts
    const giveUpAt = clock.now() + mostMs
    while (!this.settled && clock.now() < giveUpAt) {
      await pause(clock, Math.min(this.#options.heartbeatMs / 8, giveUpAt - clock.now()))
    }
  }

  #say(): ReturnType<LineKeeperParts['say']> {
    this.#debts?.tell()
    const ends = this.deferral?.ends ?? this.#debts?.ends
    return { ...this.#membership.beat(this.#leaves), floor: this.#floor, ends }
  }

  #onChanged(key: string | undefined): void {
    this.#parts.onChanged(key)
    if (key === undefined) this.wakes.wakeAll()
    else this.wakes.wake(key)
  }

  #onHeard(open: OpenLine): boolean {
    this.inspection.heard(open)
    const { pulse } = open.heard
    this.see(Math.max(pulse.floor, pulse.rings?.at(-1)?.firstVersion ?? 0))
    if (this.#membership.heard(pulse)) {
      const { log } = this.#parts
      const facts = { shard: this.#options.name, quarantine: pulse.past !== undefined }
      if (this.#epochs === 0) log.info(facts, 'shard connected')
      else log.warn(facts, 'shard began a new epoch')
      const now = this.#parts.clock.now()
      if (this.#epochs > 0 || pulse.epochAgeMs !== undefined) this.#forgotAt = now - (pulse.epochAgeMs ?? 0)
      this.#epochs += 1
      this.#epochBegunAt = now
      // The server of the former epoch may have been another, whose clock and versions were ahead.
      this.see(Math.floor((this.#known?.clock.latest(now) ?? 0) * 1_000))
    }
    this.#known = open
    void this.#replay.run(open)
    const isOwed = this.#debts?.heard(open) ?? false
    const owes = this.deferral?.heard(open) ?? false
    const isHurried = this.#parts.versions?.heard(this.#options.name, pulse.versions) ?? false
    return isOwed || owes || isHurried || !this.settled || pulse.past !== undefined || !this.board.isAnswered
  }
}
