import type { Chance } from '../base/chance.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import { Evidence } from './evidence.ts'
import type { Server } from './line.ts'
import { asEntry, asStale } from './record.ts'
import { type Asked, Requests } from './requests.ts'
import type {
  Acquired,
  AcquireOptions,
  Content,
  Filled,
  FillOptions,
  Found,
  InvalidateOptions,
  PutOptions,
  PutResult,
  ReadOptions,
  ReplicaReadOptions,
  Shard,
  ShardRead,
  ShardState,
  ShardStats,
} from './shard.ts'
import { ShardLife } from './shard-life.ts'

export interface TierShardOptions {
  readonly name: string
  /** Before the names of control keys: `env:~`. */
  readonly controls: string
  /** This sidecar's name among all that use the shard. */
  readonly member: string
  /** Deadline of one request, in ms: a change that has not arrived by then is not carried out. */
  readonly timeoutMs: number
  readonly heartbeatMs: number
  readonly rules: Rules
}

export interface TierShardParts {
  readonly server: Server
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** Replicas that may be read, by name. */
  readonly replicas?: readonly { readonly name: string; readonly server: Server }[]
  /** A key that was read with tracking has changed; `undefined` = any may have. */
  readonly onChanged: (key: string | undefined) => void
}

/** A shard as the fleet uses it: the protocol of leases, epochs and freshness over one server, whatever that is. */
export class TierShard implements Shard {
  readonly name: string
  readonly #options: TierShardOptions
  readonly #parts: TierShardParts
  readonly #life: ShardLife
  readonly #requests: Requests
  readonly #evidence: Evidence
  #reads = 0

  constructor(options: TierShardOptions, parts: TierShardParts) {
    this.name = options.name
    this.#options = options
    this.#parts = parts
    this.#life = new ShardLife(options, parts)
    this.#requests = new Requests(options, parts, this.#life)
    this.#evidence = new Evidence(options.rules, parts.clock, this.#life)
  }

  start(): Promise<void> {
    return this.#life.start()
  }

  close(): Promise<void> {
    return this.#life.close()
  }

  state(): ShardState {
    return this.#life.state()
  }

  stats(): ShardStats {
    const { facts, epochs, trackingUp, replicas } = this.#life
    return {
      reads: this.#reads,
      malformed: this.#evidence.malformed,
      server: facts,
      epochs,
      trackingUp,
      replicas: replicas.lags(this.#parts.clock.now()),
      errors: this.#requests.errors,
    }
  }

  async read(
    key: string,
    { notBefore = Number.NEGATIVE_INFINITY, tracked = false }: ReadOptions = {},
  ): Promise<ShardRead> {
    this.#reads += 1
    const asked = await this.#requests.ask('get', { key }, tracked && this.#life.mayTrack)
    this.#vouch(asked, notBefore)
    const record = this.#evidence.record(asked.value)
    const entry = record && asEntry(record, this.#evidence.serverNow(asked.open))
    const found = record && entry && this.#evidence.found(asked, record, entry)
    if (found !== undefined) return { found: true, ...found }
    const isMarker = record?.epoch === asked.open.epoch && (record.kind === 'tombstone' || record.kind === 'lease')
    return { found: false, sentAt: asked.sentAt, version: isMarker ? record.version : 0 }
  }

  async readReplica(key: string, { notBefore, anyway = false }: ReplicaReadOptions): Promise<Found | undefined> {
    const { replicas, known } = this.#life
    const replica = replicas.choose(notBefore, anyway ? Number.POSITIVE_INFINITY : this.#requests.inFlight)
    if (replica === undefined || known === undefined) return undefined
    this.#reads += 1
    return replicas.read(replica, key, notBefore, known, () => this.#parts.clock.now()).catch(() => undefined)
  }

  async acquire(key: string, options: AcquireOptions): Promise<Acquired> {
    const { token, leaseTtlMs, notBefore = Number.NEGATIVE_INFINITY, leastVersion = 0, tracked = false } = options
    const { lagMs = 0 } = options
    const epochs = this.#requests.line(tracked).epochsFor(notBefore)
    const asked = await this.#requests.ask('acquire', { key, token, leaseTtlMs, epochs, leastVersion }, tracked)
    this.#vouch(asked, notBefore)
    const { value, sentAt, open } = asked
    const record = this.#evidence.record(value.record)
    const now = this.#evidence.serverNow(open)
    if (value.outcome === 'value') {
      const entry = record && asEntry(record, record.hardAtMs > now ? now : record.hardAtMs - 1)
      const found = record && entry && this.#evidence.found(asked, record, entry)
      if (found !== undefined) return { outcome: 'value', ...found }
      throw this.#requests.unavailable(new Error('its answer belongs to an epoch that has just ended'))
    }
    const stale = record?.epoch === open.epoch ? asStale(record, now) : undefined
    const holdMs = Math.max(value.holdLeftMs, this.#life.epochBegunAt + lagMs - this.#parts.clock.now())
    if (value.outcome === 'granted') return { outcome: 'granted', stale, sentAt, holdMs }
    return {
      outcome: 'busy',
      leaseTtlMs: value.leaseLeftMs,
      stale,
      sentAt,
      holdMs,
      tracked: this.#life.isTracked(open),
    }
  }

  async fill(key: string, token: Buffer, content: Content, { isWrite = false }: FillOptions = {}): Promise<Filled> {
    const asked = await this.#requests.ask('fill', {
      key,
      token,
      floor: this.#life.floor,
      epoch: this.#requests.line().epoch,
      content,
    })
    const { value } = asked
    if (value.outcome === 'lost') return value
    if (isWrite && value.outcome === 'filled') await this.#acknowledge(key, asked)
    return { outcome: value.outcome, version: this.#life.see(value.version) }
  }

  async put(key: string, content: Content, { ifVersion }: PutOptions = {}): Promise<PutResult> {
    const open = this.#requests.line()
    const { timeoutMs } = this.#options
    const earliestMs = this.#options.rules.ownClockOnly
      ? (open.clock.earliest(this.#parts.clock.now()) ?? 0)
      : this.#parts.clock.wall()
    const asked = await this.#requests.ask('put', {
      key,
      ifVersion,
      tooLateMs: Math.floor(earliestMs + timeoutMs),
      floor: this.#life.floor,
      epochs: open.soundEpochs,
      content,
    })
    const { value } = asked
    switch (value.outcome) {
      case 'stored':
        await this.#acknowledge(key, asked)
        return { outcome: 'stored', version: this.#life.see(value.version) }
      case 'version-mismatch':
      case 'held':
        return value
      case 'late':
        throw this.#requests.unavailable(new Error('the request arrived after its own deadline'))
    }
  }

  async invalidate(key: string, { staleKeepMs, holdMs = 0 }: InvalidateOptions): Promise<number> {
    const { epoch } = this.#requests.line()
    const asked = await this.#requests.ask('invalidate', { key, floor: this.#life.floor, epoch, staleKeepMs, holdMs })
    await this.#acknowledge(key, asked, holdMs)
    return this.#life.see(asked.value.version)
  }

  async release(key: string, token: Buffer): Promise<void> {
    await this.#requests.ask('release', { key, token, epoch: this.#requests.line().epoch })
  }

  async lock(key: string, ttlMs: number): Promise<boolean> {
    return (await this.#requests.ask('lock', { key, ttlMs })).value
  }

  watch(key: string, wake: () => void): () => void {
    return this.#life.wakes.add(key, wake)
  }

  atLeast(version: number): void {
    this.#life.see(version)
  }

  serverUs(): number | undefined {
    const ms = this.#life.line(false)?.clock.earliest(this.#parts.clock.now())
    return ms === undefined ? undefined : ms * 1_000
  }

  /** A change counts once nothing can lose it unnoticed: it would be replayed, and others know whom to wait for. */
  async #acknowledge(key: string, { open, heard, sentAt }: Asked<unknown>, holdMs = 0): Promise<void> {
    if (!this.#life.settled) await this.#life.settling(this.#options.timeoutMs)
    if (!this.#life.settled || open.epoch !== heard.pulse.epoch) {
      throw this.#requests.unavailable(new Error('the other sidecars have not heard of this one yet'))
    }
    // The replay into a newer epoch, on another line by now, did not know of it.
    if (this.#life.line(false)?.epoch !== heard.pulse.epoch) {
      throw this.#requests.unavailable(new Error('the epoch in which it was made has ended'))
    }
    this.#life.changes.note(key, holdMs === 0 ? 0 : sentAt + holdMs)
  }

  #vouch(asked: Asked<unknown>, notBefore: number): void {
    if (this.#evidence.vouches(asked, notBefore)) return
    throw this.#requests.unavailable(new Error('it has not answered a heartbeat of late'))
  }
}
