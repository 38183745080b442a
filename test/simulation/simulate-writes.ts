import { ALL_RULES, type Rules } from '../../src/base/rules.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { Faults } from './faults.ts'
import { type ChangeInProgress, History } from './history.ts'
import { keyspace } from './keyspaces.ts'
import { NodeLists } from './node-lists.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedHeat } from './simulated-heat.ts'
import { SimulatedServer } from './simulated-server.ts'
import { SimulatedSidecar } from './simulated-sidecar.ts'
import { type WriteCounts, Writers } from './writers.ts'
import { WrittenRows } from './written-rows.ts'

export interface WritesSimulationOptions {
  readonly seed: number
  readonly minutes: number
  readonly rules?: Rules
}

export interface WritesSimulationResult {
  /** What broke the contract, or what cache and database disagree on in the end; `undefined` = nothing. */
  readonly violation: string | undefined
  readonly faults: number
  readonly counts: WriteCounts
}

/** Nothing but what is written is loaded anew: what is wrong stays wrong. */
const LASTING = { ttlMs: 600_000, jitter: 0 } as const
const KEYSPACES = [
  keyspace({ ...LASTING, name: 'dropping', writes: 'invalidate' }),
  keyspace({
    ...LASTING,
    name: 'dropping-strict',
    writes: 'invalidate',
    consistency: 'strong',
    boundMs: 0,
    near: false,
  }),
  keyspace({ ...LASTING, name: 'through', writes: 'write-through', softTtlMs: 4_000 }),
  keyspace({
    ...LASTING,
    name: 'through-strict',
    writes: 'write-through',
    consistency: 'strong',
    boundMs: 0,
    near: false,
  }),
  keyspace({
    ...LASTING,
    name: 'through-lagging',
    writes: 'write-through',
    boundMs: 1_500,
    origin: 'lagging',
    lagMs: 300,
  }),
]
const SERVERS = 2
const SIDECARS = 3
const BUSY_MS = 3_000
/** Longer than any intent stands, and than it takes sidecars to agree again after the last fault. */
const CALM_MS = 20_000

/**
 * Writers who race through several sidecars, on shards and to a database that fail, for a while; then calm, after which all
 * must agree; and so on.
 */
export async function simulateWrites({
  seed,
  minutes,
  rules = ALL_RULES,
}: WritesSimulationOptions): Promise<WritesSimulationResult> {
  const world = new Scheduler()
  const chance = new SeededChance(seed)
  const history = new History({ keyspaces: KEYSPACES.map((one) => one.rules), toleranceMs: 0.001, heldUpMs: 0.001 })
  const changes = new Map<number, ChangeInProgress>()
  const rows = new WrittenRows({
    world,
    chance,
    onCommit: ({ keyspace, key, mark, state, at }) =>
      changes.set(mark, history.begin({ keyspace, key, by: `commit of ${mark}`, at, mark: state })),
  })
  const servers = Array.from({ length: SERVERS }, (_, index) => new SimulatedServer(`s${index}`, world, chance, rules))
  const heat = new SimulatedHeat(world, new SeededChance(seed), { keys: [], most: 0 })
  const nodes = new NodeLists(
    servers.map(({ name }) => name),
    SERVERS,
    chance,
  ).list(0)
  const shared = { world, chance, servers, rows, heat, crowd: false, rules, nodes, keyspaces: KEYSPACES }
  let born = 0
  const sidecar = () => {
    born += 1
    const one = new SimulatedSidecar(`p${born}`, { ...shared, onRingChange: () => undefined })
    one.start()
    return one
  }
  let sidecars = Array.from({ length: SIDECARS }, sidecar)
  const exchange = (afterMs: number) =>
    world.plan(afterMs, () => {
      sidecars = [...sidecars, sidecar()]
    })
  const writers = new Writers({ world, chance, rows, history, changes, keyspaces: KEYSPACES, sidecars: () => sidecars })
  writers.start()
  let faults = 0
  let isCalm = false
  const struck = () => (isCalm ? [] : sidecars)
  new Faults({
    world,
    chance,
    servers,
    sidecars: struck,
    replace: (gone, afterMs) => {
      if (sidecars.length <= 1) return
      gone.kill()
      sidecars = sidecars.filter((one) => one !== gone)
      exchange(afterMs)
    },
    leave: (gone, afterMs) => {
      sidecars = sidecars.filter((one) => one !== gone)
      gone.leave()
      exchange(afterMs)
    },
    changingRing: false,
    changeNodes: () => 'as they are',
    note: (text) => {
      faults += 1
      history.note(world.now, text)
    },
  }).start()
  for (let busyMs = 0; busyMs < minutes * 60_000 && writers.violation === undefined; busyMs += BUSY_MS) {
    isCalm = false
    writers.calm = false
    await world.run(world.now + BUSY_MS)
    isCalm = true
    writers.calm = true
    await world.run(world.now + CALM_MS)
    await writers.compare((until) => world.run(until))
  }
  return { violation: writers.violation, faults, counts: writers.counts }
}
