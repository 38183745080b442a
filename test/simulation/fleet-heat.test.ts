import { expect, it } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { Heat } from '../../src/hotkey/heat.ts'
import { HotList } from '../../src/hotkey/hot-list.ts'
import { Ring } from '../../src/ring/ring.ts'
import type { HeatReport } from '../../src/store/heat.ts'
import { HeatExchange } from '../../src/store/heat-exchange.ts'
import { HeatTable } from '../../src/store/memory/heat-table.ts'
import type { Shard } from '../../src/store/shard.ts'
import type { Tier } from '../../src/store/tier.ts'
import { SeededChance } from '../torture/seeded-chance.ts'

const HEARTBEAT_MS = 1_000
const STEP_MS = 100
const SHARDS = ['a', 'b', 'c', 'd']
const RING = new Ring(SHARDS.map((name) => ({ name, weight: 1 })))
const MOST = 2
/** So that a key which is no more than a 73rd of its shard's reads is still worth a copy. */
const TARGET = 0.01
/** Candidates that are told because they are the hottest; the others are drawn. */
const HOTTEST = 12
const WRITE_HOT = 'env:product:v1::write-hot'
const LUKEWARM = 'env:product:v1::lukewarm'

interface Wishes {
  readonly pods: number
  readonly seed: number
  /** What each pod reads, or changes, in one step. */
  readonly step: (pod: number, heat: (key: string, writes?: boolean) => void) => void
  /** Which of the candidates of a report get through. */
  readonly through?: (report: HeatReport) => HeatReport
}

/** Pods with all that counts, tells and hears of heat, over the tables of four shards, and time that is moved by hand. */
class HeatFleet {
  /** What a pod took for a number of copies that no shard has had for two heartbeats. */
  readonly outdated: string[] = []
  readonly lists: readonly HotList[]
  readonly tables = new Map(SHARDS.map((name) => [name, new HeatTable()]))
  /** The most copies that any key had at once, by key. */
  readonly most = new Map<string, number>()
  readonly #wishes: Wishes
  readonly #heats: readonly Heat[]
  readonly #exchanges: readonly HeatExchange[]
  /** How many copies the keys had after each of the last steps. */
  #history: ReadonlyMap<string, number>[] = []
  #nowMs = 0

  constructor(wishes: Wishes) {
    this.#wishes = wishes
    const pods = Array.from({ length: wishes.pods }, (_, pod) => this.#pod(pod))
    this.lists = pods.map(({ hot }) => hot)
    this.#heats = pods.map(({ heat }) => heat)
    this.#exchanges = pods.map(({ exchange }) => exchange)
  }

  #pod(pod: number) {
    const heat = new Heat(this.#time, new SeededChance(this.#wishes.seed * 1_000 + pod))
    const hot = new HotList(this.#time)
    const shards = SHARDS.map((name) => this.#shard(name))
    const home = (key: string) => shards[SHARDS.indexOf(RING.home(key))] as Shard
    const tier: Pick<Tier, 'home' | 'shards' | 'mostCopies'> = { shards, home, mostCopies: SHARDS.length - 1 }
    const exchange = new HeatExchange(
      { leastRate: 200, target: TARGET, heartbeatMs: HEARTBEAT_MS },
      { tier, heat, hot, allowed: () => MOST, onDecided: () => undefined, clock: this.#time },
    )
    return { heat, hot, exchange }
  }

  readonly #time = { now: () => this.#nowMs } as Clock

  #shard(name: string): Shard {
    const table = this.tables.get(name) as HeatTable
    const { through = (report: HeatReport) => report } = this.#wishes
    const heat = async (report: HeatReport) => {
      const news = table.tell(through(report), (1e9 + this.#nowMs) * 1_000)
      for (const { key, to } of news.decided) this.most.set(key, Math.max(to, this.most.get(key) ?? 0))
      return news
    }
    return { name, heat } as unknown as Shard
  }

  /** Each pod reads, and beats each shard once a second, at a moment of its own. */
  async run(seconds: number): Promise<void> {
    for (const end = this.#nowMs + seconds * 1_000; this.#nowMs < end; ) {
      this.#nowMs += STEP_MS
      const phase = (this.#nowMs % HEARTBEAT_MS) / STEP_MS
      for (const [pod, heat] of this.#heats.entries()) {
        this.#wishes.step(pod, (key, writes = false) => {
          if (writes) heat.write(key)
          else {
            heat.read(key)
            heat.shardRead(key, RING.home(key))
          }
        })
        if (pod % 10 === phase) for (const name of SHARDS) this.#exchanges[pod]?.beat(name)
      }
      await new Promise((resolve) => setImmediate(resolve))
      this.#compare()
    }
  }

  #compare(): void {
    const hot = [...this.tables.values()].flatMap((table) => table.hottest(1_000, 1e9 + this.#nowMs))
    const copies = new Map(hot.map(({ key, copies: count }) => [key, count]))
    this.#history = [copies, ...this.#history].slice(0, (2 * HEARTBEAT_MS) / STEP_MS + 1)
    for (const key of copies.keys()) {
      const known = new Set(this.#history.map((past) => past.get(key) ?? 0))
      for (const list of this.lists) if (!known.has(list.copies(key))) this.outdated.push(`${key} at ${this.#nowMs}`)
    }
  }

  /** How many pods know of copies of a key. */
  knownTo(key: string): number {
    return this.lists.filter((list) => list.copies(key) > 0).length
  }
}

/** Each pod reads one key at 5/s that all have in common, and 40 of its own at 9/s that live at the same shard. */
function lukewarm(through?: Wishes['through']): HeatFleet {
  const chance = new SeededChance(7)
  const home = RING.home(LUKEWARM)
  const own = Array.from({ length: 200 }, (_, pod) => {
    const keys = Array.from({ length: 400 }, (_, number) => `env:product:v1::${pod}-${number}`)
    return keys.filter((key) => RING.home(key) === home).slice(0, 40)
  })
  const step: Wishes['step'] = (pod, heat) => {
    if (chance.happens(0.5)) heat(LUKEWARM)
    for (const key of own[pod] as string[]) if (chance.happens(0.9)) heat(key)
  }
  return new HeatFleet({ pods: 200, seed: 1, step, ...(through === undefined ? {} : { through }) })
}

it('finds a key within seconds that is lukewarm in each of 200 pods and in no top ten of any, and all hear of its copies', async () => {
  const fleet = lukewarm()
  await fleet.run(4)
  expect(fleet.most.get(LUKEWARM)).toBeGreaterThan(0)
  await fleet.run(2)
  expect(fleet.knownTo(LUKEWARM)).toBe(200)
}, 60_000)

it('does not find it in that time where nothing is drawn by lot, so that the test above shows that it is', async () => {
  const fleet = lukewarm((report) => ({ ...report, candidates: report.candidates.slice(0, HOTTEST) }))
  await fleet.run(4)
  expect(fleet.most.get(LUKEWARM)).toBeUndefined()
}, 60_000)

it('never gives a key more copies than are allowed, nor any to one that is changed too often, and all pods soon agree', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const chance = new SeededChance(seed)
    const keys = Array.from({ length: 6 }, (_, number) => `env:product:v1::${number}`)
    const rates = new Map<string, number>()
    const step: Wishes['step'] = (_pod, heat) => {
      for (const key of keys) if (chance.happens(rates.get(key) ?? 0)) heat(key)
      if (chance.happens(0.9)) heat(WRITE_HOT)
      if (chance.happens(0.3)) heat(WRITE_HOT, true)
    }
    const fleet = new HeatFleet({ pods: 40, seed, step })
    for (let phase = 0; phase < 6; phase += 1) {
      for (const key of keys) rates.set(key, chance.happens(0.5) ? chance.between(0, 1) : 0)
      await fleet.run(5)
    }
    expect(Math.max(...fleet.most.values()), `seed ${seed}`).toBe(MOST)
    expect(fleet.most.has(WRITE_HOT), `seed ${seed}`).toBe(false)
    expect(fleet.outdated, `seed ${seed}`).toEqual([])
  }
}, 120_000)
