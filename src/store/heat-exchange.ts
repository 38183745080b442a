import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Heat, HeatTold } from '../hotkey/heat.ts'
import type { CopyCount, HotList } from '../hotkey/hot-list.ts'
import type { HeatDecision, HeatNews } from './heat.ts'
import type { Shard } from './shard.ts'
import type { Tier } from './tier.ts'

export interface HeatExchangeOptions {
  /** A key gets copies from so many reads per second on. */
  readonly leastRate: number
  /** Which share of the mean shard's reads one key may have at each place where it lies, 0..1. */
  readonly target: number
  readonly heartbeatMs: number
}

export interface HeatExchangeParts {
  readonly tier: Pick<Tier, 'home' | 'shards' | 'mostCopies'>
  readonly heat: Pick<Heat, 'tell' | 'untold'>
  readonly hot: Pick<HotList, 'hear'>
  /** So many copies the keyspace of a physical key allows. */
  readonly allowed: (key: string) => number
  /** What this sidecar told a shard has changed the number of copies of some keys. */
  readonly onDecided: (shard: string, decisions: readonly HeatDecision[]) => void
  readonly clock: Clock
}

/** What a shard told last. */
interface Heard {
  readonly version: string
  readonly copies: readonly CopyCount[]
  readonly at: number
}

/** A shard that has told nothing for so many heartbeats says nothing any more. */
const BELIEVED_HEARTBEATS = 5
/** Heartbeats that come sooner after one another than this share of their interval have nothing more to tell. */
const LEAST_GAP = 0.5

/**
 * Tells each shard with its heartbeats how hot the keys are that live there, and hears from it which of them have copies.
 * Where a key lives is asked anew each time: one that has moved is told to its new home, and what its former one says of it
 * does not count any more.
 */
export class HeatExchange {
  readonly #options: HeatExchangeOptions
  readonly #parts: HeatExchangeParts
  readonly #heard = new Map<string, Heard>()
  readonly #toldAt = new Map<string, number>()
  readonly #underWay = new Set<string>()

  constructor(options: HeatExchangeOptions, parts: HeatExchangeParts) {
    this.#options = options
    this.#parts = parts
  }

  /** A heartbeat leaves for a shard. */
  readonly beat = (name: string): void => {
    this.#forget()
    const { tier, clock } = this.#parts
    const shard = tier.shards.find((one) => one.name === name)
    const isEarly = clock.now() - (this.#toldAt.get(name) ?? Number.NEGATIVE_INFINITY) < this.#gapMs
    if (shard === undefined || isEarly || this.#underWay.has(name)) return
    this.#toldAt.set(name, clock.now())
    this.#underWay.add(name)
    void this.#exchange(shard).finally(() => this.#underWay.delete(name))
  }

  get #gapMs(): number {
    return this.#options.heartbeatMs * LEAST_GAP
  }

  async #exchange(shard: Shard): Promise<void> {
    const { heat } = this.#parts
    const told = heat.tell(shard.name, (key) => this.#livesAt(key, shard.name))
    try {
      this.#take(shard.name, await shard.heat(this.#report(told)))
    } catch (error) {
      if (!(error instanceof RingsideError)) throw error
      heat.untold(told)
    }
  }

  #report({ shard, candidates, shardReads, allReads }: HeatTold): Parameters<Shard['heat']>[0] {
    const { tier, allowed } = this.#parts
    const { leastRate, target } = this.#options
    const most = (key: string) => Math.min(allowed(key), tier.mostCopies)
    return {
      candidates: candidates.map((candidate) => ({ ...candidate, most: most(candidate.key) })),
      shardReads,
      meanReads: allReads / (tier.mostCopies + 1),
      leastRate,
      target,
      known: this.#heard.get(shard)?.version ?? '',
    }
  }

  #take(shard: string, { version, copies, decided }: HeatNews): void {
    const { clock, hot } = this.#parts
    const list = copies ?? this.#heard.get(shard)?.copies ?? []
    this.#heard.set(shard, { version, copies: list, at: clock.now() })
    hot.hear(
      shard,
      list.filter(({ key }) => this.#livesAt(key, shard)),
    )
    if (decided.length > 0) this.#parts.onDecided(shard, decided)
  }

  #livesAt(key: string, shard: string): boolean {
    return this.#parts.tier.home(key).name === shard
  }

  /** Of a shard that has left, or has told nothing for long, nothing is believed any more. */
  #forget(): void {
    const { tier, clock, hot } = this.#parts
    const believedMs = BELIEVED_HEARTBEATS * this.#options.heartbeatMs
    for (const [name, { at }] of this.#heard) {
      if (clock.now() - at <= believedMs && tier.shards.some((shard) => shard.name === name)) continue
      this.#heard.delete(name)
      this.#toldAt.delete(name)
      hot.hear(name, [])
    }
  }
}
