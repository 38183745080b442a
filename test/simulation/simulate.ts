import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { Faults } from './faults.ts'
import { History, type Violation } from './history.ts'
import { KEYSPACES, physicalKeys } from './keyspaces.ts'
import { NodeLists } from './node-lists.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedHeat } from './simulated-heat.ts'
import { SimulatedRows } from './simulated-rows.ts'
import { SimulatedServer } from './simulated-server.ts'
import { SimulatedSidecar } from './simulated-sidecar.ts'
import { Workload, type WorkloadCounts } from './workload.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly minutes: number
  /** The rules as production has them, or with one switched off. */
  readonly rules?: Rules
  /** The operator changes the nodes of the ring meanwhile. */
  readonly changingRing?: boolean
  /** Keys have copies, as they do unless this says otherwise. */
  readonly copies?: boolean
  /** Keyspaces are moved to their next versions meanwhile. */
  readonly bumping?: boolean
  /** Shards are emptied while their processes go on, one of them or all at once. */
  readonly emptying?: boolean
  /** Half of all is about keyspaces whose rows name tags. */
  readonly tagged?: boolean
  /** Called after each simulated second. */
  readonly onSecond?: (second: number) => void
}

export interface SimulationResult {
  readonly violations: readonly Violation[]
  readonly counts: WorkloadCounts
  readonly faults: number
  /** How often a sidecar went over to another ring. */
  readonly ringChanges: number
}

const SERVERS = 2
const SIDECARS = 3
/** How many new sidecars start with the list of nodes before the newest, and how late a list may come. */
const STALE_FILES = 0.3
const LATEST_FILE_MS = 6_000

/** Runs a world of sidecars and shards from one seed; the same seed is the same history. Ends at the first violation. */
export async function simulate({
  seed,
  minutes,
  rules = ALL_RULES,
  changingRing = false,
  copies = true,
  bumping = false,
  emptying = false,
  tagged = false,
  onSecond,
}: SimulationOptions): Promise<SimulationResult> {
  const world = new Scheduler()
  const chance = new SeededChance(seed)
  const history = new History({ keyspaces: KEYSPACES.map((one) => one.rules), toleranceMs: 0.001, heldUpMs: 0.001 })
  const servers = Array.from(
    { length: SERVERS + (changingRing ? 1 : 0) },
    (_, index) => new SimulatedServer(`s${index}`, world, chance, rules),
  )
  const rows = new SimulatedRows(world, chance)
  const keys = copies ? physicalKeys('sim') : []
  const heat = new SimulatedHeat(world, new SeededChance(seed), { keys, most: servers.length - 1 })
  if (copies) heat.start()
  const crowd = copies && !changingRing
  const lists = new NodeLists(
    servers.map(({ name }) => name),
    SERVERS,
    chance,
  )
  let born = 0
  let ringChanges = 0
  const onRingChange = () => {
    ringChanges += 1
  }
  const sidecar = () => {
    born += 1
    // Its file may be old, and is brought up to date while it runs.
    const number = lists.newest - (changingRing && chance.happens(STALE_FILES) ? 1 : 0)
    const one = new SimulatedSidecar(`p${born}`, {
      world,
      chance,
      servers,
      rows,
      heat,
      crowd,
      rules,
      nodes: lists.list(number),
      onRingChange,
    })
    one.start()
    if (changingRing) deliver(one)
    return one
  }
  const deliver = (one: SimulatedSidecar) => {
    const number = lists.newest
    world.plan(chance.between(0, LATEST_FILE_MS), () => one.change(number, lists.list(number)))
  }
  let sidecars = Array.from({ length: SIDECARS }, sidecar)
  const violations: Violation[] = []
  let faults = 0
  const workload = new Workload({
    world,
    chance,
    rows,
    history,
    sidecars: () => sidecars,
    crowd,
    bumping,
    tagged,
    onViolation: (violation) => violations.push(violation),
  })
  workload.start()
  new Faults({
    world,
    chance,
    servers,
    sidecars: () => sidecars,
    replace: (gone, afterMs) => {
      if (sidecars.length <= 1) return
      gone.kill()
      sidecars = sidecars.filter((one) => one !== gone)
      world.plan(afterMs, () => {
        sidecars = [...sidecars, sidecar()]
      })
    },
    leave: (gone, afterMs) => {
      if (sidecars.length <= 1) return
      sidecars = sidecars.filter((one) => one !== gone)
      gone.leave()
      world.plan(afterMs, () => {
        sidecars = [...sidecars, sidecar()]
      })
    },
    changingRing,
    emptying,
    changeNodes: () => {
      const written = lists.write()
      for (const one of sidecars) deliver(one)
      return written
    },
    note: (text) => {
      faults += 1
      history.note(world.now, text)
    },
  }).start()
  const seconds = minutes * 60
  for (let second = 1; second <= seconds && violations.length === 0; second += 1) {
    await world.run(second * 1_000)
    onSecond?.(second)
  }
  return { violations, counts: workload.counts, faults, ringChanges }
}
