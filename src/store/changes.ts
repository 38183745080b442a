import { pause } from '../base/clock.ts'
import type { RingsideError } from '../base/errors.ts'
import type { Compression } from '../keyspace/compression.ts'
import type { OpenLine } from './open-line.ts'
import type { ArgumentsOf, ChangeName, ResultOf } from './operations.ts'
import type { Packer } from './packing/packer.ts'
import { type Asked, isInDoubt, type Requests } from './requests.ts'
import type { Content, Filled, FillOptions, InvalidateOptions, PutOptions, PutResult, ShardWrite } from './shard.ts'
import type { ShardLife } from './shard-life.ts'
import type { StoredContent } from './stored-content.ts'
import type { TierShardOptions, TierShardParts } from './tier-shard.ts'
import type { ChangeNow } from './told.ts'
import type { IntendOptions, Settled, SettleOptions } from './write-intent.ts'

/** No failover comes sooner after the last heartbeat than two of them and this: half of what operators are asked for. */
const FAILOVER_MARGIN_MS = 1_000

/** Changes of keys on one shard: when they count, and what becomes of those that may or may not have been made. */
export class Changes {
  readonly #options: TierShardOptions
  readonly #parts: TierShardParts
  readonly #life: ShardLife
  readonly #requests: Requests
  readonly #packer: Packer

  constructor(
    options: TierShardOptions,
    parts: TierShardParts,
    about: { readonly life: ShardLife; readonly requests: Requests; readonly packer: Packer },
  ) {
    this.#options = options
    this.#parts = parts
    this.#life = about.life
    this.#requests = about.requests
    this.#packer = about.packer
  }

  fill(key: string, token: Buffer, content: Content, { write }: FillOptions = {}): Promise<Filled> {
    if (content.compress === undefined) return this.#fill(key, token, content, write)
    return this.#smaller(key, content, content.compress).then((smaller) => this.#fill(key, token, smaller, write))
  }

  #fill(key: string, token: Buffer, content: StoredContent, write: ShardWrite | undefined): Promise<Filled> {
    return this.#unlessInDoubt(key, write, async (open) => {
      const asked = await this.#requests.ask('fill', {
        key,
        token,
        floor: this.#life.floor,
        epoch: open.epoch,
        content,
      })
      const { value } = asked
      if (value.outcome === 'lost') return value
      if (write !== undefined && value.outcome === 'filled') await this.#acknowledge(key, asked)
      return { outcome: value.outcome, version: this.#life.see(value.version) }
    })
  }

  put(key: string, content: Content, { ifVersion, write }: PutOptions = {}): Promise<PutResult> {
    const put = (stored: StoredContent) =>
      this.#unlessInDoubt(key, write, (open) => this.#put(open, key, stored, ifVersion))
    return content.compress === undefined ? put(content) : this.#smaller(key, content, content.compress).then(put)
  }

  async #put(open: OpenLine, key: string, content: StoredContent, ifVersion: number | undefined): Promise<PutResult> {
    const asked = await this.#requests.ask('put', {
      key,
      ifVersion,
      tooLateMs: this.#tooLateMs(open),
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
        throw this.#late()
    }
  }

  async change<Name extends ChangeName>(
    key: string,
    name: Name,
    args: (now: ChangeNow) => ArgumentsOf<Name>,
  ): Promise<ResultOf<Name>> {
    const open = this.#requests.line()
    const quarantined = open.heard.pulse.past?.epochs ?? []
    const { floor } = this.#life
    const now = { epochs: open.soundEpochs, quarantined, floor, tooLateMs: this.#tooLateMs(open) }
    const asked = await this.#requests.ask(name, args(now))
    const { outcome, version } = asked.value
    if (outcome === 'late') throw this.#late()
    if (version > 0) await this.#acknowledge(key, asked)
    this.#life.see(version)
    return asked.value
  }

  async invalidate(key: string, { staleKeepMs, holdMs = 0 }: InvalidateOptions): Promise<number> {
    const { epoch } = this.#requests.line(false, 'invalidate')
    const asked = await this.#requests.ask('invalidate', { key, floor: this.#life.floor, epoch, staleKeepMs, holdMs })
    await this.#acknowledge(key, asked, holdMs)
    return this.#life.see(asked.value.version)
  }

  async intend(key: string, { token, ttlMs }: IntendOptions): Promise<void> {
    const { epoch } = this.#requests.line(false, 'intend')
    const asked = await this.#requests.ask('intend', { key, token, ttlMs, epoch })
    // If the shard's memory goes back in time, a hold of that length stands in for the intent.
    await this.#acknowledge(key, asked, ttlMs)
  }

  async settle(key: string, { token, content: whole, staleKeepMs, holdMs = 0 }: SettleOptions): Promise<Settled> {
    const content = whole?.compress === undefined ? whole : await this.#smaller(key, whole, whole.compress)
    const { epoch } = this.#requests.line(false, 'settle')
    const { floor } = this.#life
    const asked = await this.#requests.ask('settle', { key, token, floor, epoch, staleKeepMs, holdMs, content })
    await this.#acknowledge(key, asked, holdMs)
    return { outcome: asked.value.outcome, version: this.#life.see(asked.value.version) }
  }

  async defer(key: string, holdMs: number): Promise<boolean> {
    const { deferral } = this.#life
    if (deferral === undefined) return false
    try {
      await deferral.journal.note(key, holdMs)
    } catch (error) {
      this.#parts.log.error(
        { shard: this.#options.name, code: (error as NodeJS.ErrnoException).code },
        'journal not written',
      )
      return false
    }
    const open = this.#life.line(false)
    if (open !== undefined) void deferral.pay(open)
    return true
  }

  /** As it is to be stored. It gets older while it is compressed. */
  async #smaller(key: string, content: Content, compress: Compression): Promise<StoredContent> {
    const { clock } = this.#parts
    const begunAt = clock.now()
    const smaller = content.kind === 'value' ? await this.#packer.pack(key, content.value, compress) : undefined
    const loadedAgoMs = content.loadedAgoMs + clock.now() - begunAt
    return smaller === undefined
      ? { ...content, loadedAgoMs }
      : { ...content, loadedAgoMs, value: smaller.payload, packed: smaller.packed }
  }

  #tooLateMs(open: OpenLine): number {
    const { clock } = this.#parts
    const { rules, timeoutMs } = this.#options
    const earliestMs = rules.ownClockOnly ? (open.clock.earliest(clock.now()) ?? 0) : clock.wall()
    return Math.floor(earliestMs + timeoutMs)
  }

  #late(): RingsideError {
    return this.#requests.unavailable(new Error('the request arrived after its own deadline'))
  }

  /** What stood before a write of unknown outcome may be stale now, and nobody would say so. */
  async #unlessInDoubt<T>(
    key: string,
    write: ShardWrite | undefined,
    change: (open: OpenLine) => Promise<T>,
  ): Promise<T> {
    const open = this.#requests.line()
    try {
      return await change(open)
    } catch (error) {
      if (write !== undefined && isInDoubt(error)) await this.defer(key, write.holdMs)
      throw error
    }
  }

  /** A change counts once nothing can lose it unnoticed: it would be replayed, and others know whom to wait for. */
  async #acknowledge(key: string, { open, heard, sentAt }: Asked<unknown>, holdMs = 0): Promise<void> {
    // A primary that was frozen may make it once more, before it learns that another has taken its place.
    if (heard.sentAt < sentAt - 2 * this.#options.heartbeatMs - FAILOVER_MARGIN_MS) {
      throw this.#requests.unavailable(new Error('the shard has not answered a heartbeat of late'))
    }
    if (this.#parts.versions !== undefined) await this.#current()
    if (!this.#life.settled) await this.#life.settling(this.#options.timeoutMs)
    if (!this.#life.settled || open.epoch !== heard.pulse.epoch) {
      throw this.#requests.unavailable(new Error('the other sidecars have not heard of this one yet'))
    }
    if (!this.#life.isMember) {
      throw this.#requests.unavailable(
        new Error('it has not answered a heartbeat for so long that it may have forgotten'),
      )
    }
    // The replay into a newer epoch, on another line by now, did not know of it.
    if (this.#life.line(false)?.epoch !== heard.pulse.epoch) {
      throw this.#requests.unavailable(new Error('the epoch in which it was made has ended'))
    }
    this.#life.changes.note(key, holdMs === 0 ? 0 : sentAt + holdMs)
  }

  /**
   * What the others may go by since the last heartbeat, this sidecar may not have heard: where that was too long ago, the
   * change waits for the next one, and its caller looks whether there is more to change.
   */
  async #current(): Promise<void> {
    const { clock } = this.#parts
    const { heartbeatMs, timeoutMs } = this.#options
    const isCurrent = () => {
      const heardAt = this.#life.line(false)?.heard.sentAt ?? Number.NEGATIVE_INFINITY
      return clock.now() - heardAt < 2 * heartbeatMs
    }
    const giveUpAt = clock.now() + timeoutMs
    while (!isCurrent()) {
      if (clock.now() >= giveUpAt)
        throw this.#requests.unavailable(new Error('the shard has not answered a heartbeat of late'))
      await pause(clock, heartbeatMs / 8)
    }
  }
}
