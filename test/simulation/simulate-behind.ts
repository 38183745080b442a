import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { BehindSidecar } from './behind-sidecar.ts'
import { BehindTable } from './behind-table.ts'
import { FAULTS, Faults, type Struck, type WeightedFault } from './faults.ts'
import { ProcessClock } from './process-clock.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedServer } from './simulated-server.ts'

export interface BehindSimulationOptions {
  readonly seed: number
  readonly minutes: number
  readonly rules?: Rules
}

export interface BehindSimulationResult {
  /** What the table has wrong in the end, or had at some time; `undefined` = nothing. */
  readonly violation: string | undefined
  readonly faults: number
  readonly acknowledged: number
  readonly commits: number
}

const SERVERS = 2
const SIDECARS = 3
const KEYS = 8
const CALM_MS = 60_000

/** The shards keep what they have: all others of the usual faults, and sidecars that stop for longer than their lease. */
const BEHIND_FAULTS: readonly WeightedFault[] = [
  ...FAULTS.slice(0, 6),
  [
    6,
    ({ world, chance }, _server, sidecar) => {
      const ms = chance.between(1_400, 3_500)
      sidecar.clock.stop()
      world.plan(ms, () => sidecar.clock.goOn())
      return `${sidecar.name} stops for ${ms.toFixed(0)} ms`
    },
  ],
  [
    3,
    ({ chance, leave }, _server, sidecar) => {
      leave(sidecar, chance.between(10, 300))
      return `${sidecar.name} leaves`
    },
  ],
]

/** What callers were told. */
class Ledger {
  /** Versions of the acknowledged values, by text. */
  readonly versions = new Map<string, number>()
  readonly newest = new Map<string, number>()
  readonly added = new Map<string, number>()
  readonly maybeAdded = new Map<string, number>()
  acknowledged = 0

  wrote(key: string, text: string, version: number): void {
    this.acknowledged += 1
    this.versions.set(text, version)
    this.newest.set(key, Math.max(version, this.newest.get(key) ?? 0))
  }

  count(key: string, isAcknowledged: boolean): void {
    if (isAcknowledged) this.acknowledged += 1
    const counts = isAcknowledged ? this.added : this.maybeAdded
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }

  /** Against what was committed. */
  check(table: BehindTable): string | undefined {
    for (const [key, texts] of table.commits) {
      const places = texts.map((text) => (key.startsWith('n') ? Number(text) : this.versions.get(text)))
      const known = places.filter((place) => place !== undefined)
      if (known.some((place, index) => place < (known[index - 1] ?? 0))) {
        return `an older value came over a newer one at ${key}: ${texts.join(', ')}`
      }
    }
    for (const [key, version] of this.newest) {
      const text = table.textOf(key)
      const stored = text === undefined ? 0 : (this.versions.get(text) ?? Number.POSITIVE_INFINITY)
      if (stored < version) return `the newest value of ${key} has not arrived: ${text}`
    }
    for (const [key, added] of this.added) {
      const sum = Number(table.textOf(key) ?? 0)
      const most = added + (this.maybeAdded.get(key) ?? 0)
      if (sum < added || sum > most) return `the sum of ${key} is ${sum}, not ${added} to ${most}`
    }
    return undefined
  }
}

/** Runs a world in which a table hears of changes later, from one seed; in the end everything is well for a while. */
export async function simulateBehind(options: BehindSimulationOptions): Promise<BehindSimulationResult> {
  const { seed, minutes, rules = ALL_RULES } = options
  const world = new Scheduler()
  const chance = new SeededChance(seed)
  const servers = Array.from({ length: SERVERS }, (_, index) => new SimulatedServer(`s${index}`, world, chance, rules))
  const table = new BehindTable(world, chance, new ProcessClock(world, 0, 0))
  const ledger = new Ledger()
  const endsAt = minutes * 60_000
  let born = 0
  let texts = 0
  let faults = 0
  const sidecar = () => {
    born += 1
    const one = new BehindSidecar(`p${born}`, { world, chance, servers, table, rules })
    one.start()
    use(one)
    return one
  }
  let sidecars: BehindSidecar[] = []
  const use = (one: BehindSidecar) => {
    if (world.now >= endsAt) return
    one.clock.after(chance.between(5, 120), () => use(one))
    const place = Math.floor(chance.between(0, KEYS))
    if (chance.happens(0.5)) {
      const [key, text] = [`v${place}`, `text ${texts}`]
      texts += 1
      one.write(key, text).then(
        (version) => version > 0 && ledger.wrote(key, text, version),
        () => undefined,
      )
      return
    }
    const key = `n${place}`
    let isOver = false
    const end = (isAcknowledged: boolean) => {
      if (isOver) return
      isOver = true
      ledger.count(key, isAcknowledged)
    }
    // A process that dies never says what became of it.
    world.plan(30_000, () => end(false))
    one.add(key).then(
      () => end(true),
      () => end(false),
    )
  }
  const succeed = (gone: Struck, afterMs: number) => {
    sidecars = sidecars.filter((one) => one !== gone)
    world.plan(afterMs, () => {
      sidecars = [...sidecars, sidecar()]
    })
  }
  sidecars = Array.from({ length: SIDECARS }, sidecar)
  const parts = {
    world,
    chance,
    servers,
    sidecars: () => (world.now < endsAt ? sidecars : []),
    replace(gone: Struck, afterMs: number) {
      gone.kill()
      succeed(gone, afterMs)
    },
    leave(gone: Struck, afterMs: number) {
      gone.leave()
      succeed(gone, afterMs)
    },
    changingRing: false,
    changeNodes: () => 'nothing changes',
    note() {
      faults += 1
    },
  }
  new Faults(parts, BEHIND_FAULTS).start()
  await world.run(endsAt + CALM_MS)
  const commits = [...table.commits.values()].reduce((sum, one) => sum + one.length, 0)
  return { violation: ledger.check(table), faults, acknowledged: ledger.acknowledged, commits }
}
