import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { BudgetSidecar } from './budget-sidecar.ts'
import { FAULTS, Faults, type Struck, type WeightedFault } from './faults.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedDatabase } from './simulated-database.ts'
import { SimulatedServer } from './simulated-server.ts'

export interface BudgetSimulationOptions {
  readonly seed: number
  readonly minutes: number
  readonly rules?: Rules
  /** Nothing goes wrong, and everybody always wants all that it can get. */
  readonly calm?: { readonly limit: number; readonly fleet: number; readonly sidecars: number }
}

export interface BudgetSimulationResult {
  /** What happened until more queries ran than may; `undefined` = they never did. */
  readonly violation: string | undefined
  readonly faults: number
  readonly queries: number
  /** The most that ran at once, and how many ran on average, in the second half. */
  readonly peak: number
  readonly meanRunning: number
  readonly limit: number
  /** Queries that were answered, by sidecar, in the order in which they came up. */
  readonly answered: readonly number[]
}

const SERVERS = 2
const SIDECARS = 3
const NOTES = 12

/** While a table is new it lends nothing, and nothing can go wrong: most of these leave it alone. */
const BUDGET_FAULTS: readonly WeightedFault[] = [
  ...FAULTS,
  [
    2,
    (_parts, server) => {
      server.flush()
      return `${server.name} is flushed`
    },
  ],
  [
    10,
    ({ chance, replace }, _server, sidecar) => {
      replace(sidecar, chance.between(10, 300))
      return `${sidecar.name} dies`
    },
  ],
  [
    3,
    ({ chance, leave }, _server, sidecar) => {
      leave(sidecar, chance.between(10, 300))
      return `${sidecar.name} leaves`
    },
  ],
  [
    10,
    ({ world, chance }, _server, sidecar) => {
      const ms = chance.between(2_900, 4_500)
      sidecar.clock.stop()
      world.plan(ms, () => sidecar.clock.goOn())
      return `${sidecar.name} stops for ${ms.toFixed(0)} ms`
    },
  ],
  [
    10,
    ({ chance }, _server, sidecar) => {
      const open = sidecar.wires.flatMap((wire) => [...wire.open])
      if (open.length > 0) chance.pick(open).drop()
      return `${sidecar.name} gives a connection up`
    },
  ],
]

/** Runs a world of sidecars, shards and a database from one seed. Ends when more queries run at once than may. */
export async function simulateBudget(options: BudgetSimulationOptions): Promise<BudgetSimulationResult> {
  const { seed, minutes, rules = ALL_RULES, calm } = options
  const world = new Scheduler()
  const chance = new SeededChance(seed)
  const fleet = calm?.fleet ?? SIDECARS + Math.floor(chance.between(0, 3))
  const configured = calm?.limit ?? 1 + Math.floor(chance.between(0, 9))
  // In some worlds the limit is being changed: the larger of the two is then what must hold.
  const other = calm === undefined && chance.happens(0.2) ? 1 + Math.floor(chance.between(0, 9)) : configured
  const limit = Math.max(configured, other)
  const servers = Array.from({ length: SERVERS }, (_, index) => new SimulatedServer(`s${index}`, world, chance, rules))
  const network = calm === undefined ? { heldUp: 0.03, slow: 0.15 } : { heldUp: 0.0003, slow: 0.01 }
  const notes: string[] = []
  let violation: string | undefined
  let queries = 0
  let peak = 0
  const note = (text: string) => notes.push(`${(world.now / 1_000).toFixed(3)} s: ${text}`)
  const database: SimulatedDatabase = new SimulatedDatabase({
    world,
    chance,
    onQuery(running, by) {
      queries += 1
      peak = Math.max(peak, running)
      if (running <= limit || violation !== undefined) return
      note(`${by} is the one too many: ${running} queries run, of ${limit} that may (fleet ${fleet})`)
      violation = notes.slice(-NOTES).join('\n')
    },
  })
  const born: BudgetSidecar[] = []
  const sidecar = () => {
    const its = chance.happens(0.5) ? configured : other
    const name = `p${born.length + 1}`
    const one = new BudgetSidecar(name, { world, chance, servers, database, limit: its, fleet, network, rules })
    note(`${name} comes up with a limit of ${its}`)
    if (calm !== undefined) one.press()
    born.push(one)
    one.start()
    return one
  }
  let sidecars = Array.from({ length: calm?.sidecars ?? SIDECARS }, sidecar)
  let faults = 0
  const succeed = (gone: Struck, afterMs: number) => {
    sidecars = sidecars.filter((one) => one !== gone)
    world.plan(afterMs, () => {
      sidecars = [...sidecars, sidecar()]
    })
  }
  const parts = {
    world,
    chance,
    servers,
    sidecars: () => sidecars,
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
    note(text: string) {
      faults += 1
      note(text)
    },
  }
  if (calm === undefined) new Faults(parts, BUDGET_FAULTS).start()
  const endsAt = minutes * 60_000
  await world.run(endsAt / 2)
  const ranMs = database.ranMs
  for (let at = endsAt / 2; at < endsAt && violation === undefined; at += 1_000) await world.run(at + 1_000)
  const meanRunning = (database.ranMs - ranMs) / (endsAt / 2)
  const answered = born.map((one) => one.answered)
  return { violation, faults, queries, peak, meanRunning, limit, answered }
}
