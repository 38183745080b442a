import type { SeededChance } from '../torture/seeded-chance.ts'
import type { ProcessClock } from './process-clock.ts'
import type { Scheduler } from './scheduler.ts'
import type { Wire } from './simulated-line.ts'
import type { SimulatedServer } from './simulated-server.ts'

/** A process that faults may strike. */
export interface Struck {
  readonly name: string
  readonly clock: ProcessClock
  /** In the order of the servers. */
  readonly wires: readonly Wire[]
  kill(): void
  leave(): void
}

export interface FaultParts {
  readonly world: Scheduler
  readonly chance: SeededChance
  readonly servers: readonly SimulatedServer[]
  readonly sidecars: () => readonly Struck[]
  /** Kills a sidecar; another comes up in its place after a while. */
  readonly replace: (sidecar: Struck, afterMs: number) => void
  /** Ends a sidecar in peace; another comes up in its place after a while. */
  readonly leave: (sidecar: Struck, afterMs: number) => void
  /** The nodes of the ring are changed, and sidecars mostly end in peace: one that dies is waited for by each change. */
  readonly changingRing: boolean
  /** Shards are emptied. */
  readonly emptying?: boolean
  /** The operator writes another list of nodes. */
  readonly changeNodes: () => string
  readonly note: (text: string) => void
}

export type WeightedFault = readonly [weight: number, fault: Fault]
type Fault = (parts: FaultParts, server: SimulatedServer, sidecar: Struck) => string

export const FAULTS: readonly WeightedFault[] = [
  [4, cutOne('data')],
  [4, cutOne('news')],
  [
    3,
    ({ world, chance, servers }, server, sidecar) => {
      const ms = chance.between(100, 4_000)
      const wire = sidecar.wires[servers.indexOf(server)]
      if (wire !== undefined) wire.partitionedUntil = world.now + ms
      return `${sidecar.name} cannot reach ${server.name} for ${ms.toFixed(0)} ms`
    },
  ],
  [
    2,
    ({ chance }, server) => {
      const ms = chance.between(100, 4_000)
      server.freeze(ms)
      return `${server.name} freezes for ${ms.toFixed(0)} ms`
    },
  ],
  [
    2,
    ({ world, chance }, _server, sidecar) => {
      const ms = chance.between(50, 5_000)
      sidecar.clock.stop()
      world.plan(ms, () => sidecar.clock.goOn())
      return `${sidecar.name} stops for ${ms.toFixed(0)} ms`
    },
  ],
  [
    2,
    ({ chance, replace }, _server, sidecar) => {
      replace(sidecar, chance.between(10, 2_000))
      return `${sidecar.name} dies`
    },
  ],
  [
    3,
    ({ chance }, server) => {
      const lostMs = chance.happens(0.15) ? chance.between(8_000, 13_000) : chance.between(0, 1_500)
      server.restart(lostMs)
      return `${server.name} restarts with what it had ${lostMs.toFixed(0)} ms ago`
    },
  ],
  [
    2,
    ({ chance }, server) => {
      // The failure detector waits until the old primary has refused writes for longer than two heartbeats.
      const fail = { deafForMs: chance.between(2_250, 4_000), ghostMs: chance.between(0, 3_000) }
      server.failOver(fail)
      return `${server.name} fails over in ${fail.deafForMs.toFixed(0)} ms, its ghost stays for ${fail.ghostMs.toFixed(0)} ms`
    },
  ],
  [
    2,
    ({ chance, replace }, server, sidecar) => {
      const lostMs = chance.between(0, 1_500)
      replace(sidecar, chance.between(10, 2_000))
      server.restart(lostMs)
      return `${sidecar.name} dies, and ${server.name} restarts with what it had ${lostMs.toFixed(0)} ms ago`
    },
  ],
]

const RING_FAULTS: typeof FAULTS = [
  [5, ({ changeNodes }) => `the nodes are to be ${changeNodes()}`],
  [
    3,
    ({ chance, leave }, _server, sidecar) => {
      leave(sidecar, chance.between(10, 2_000))
      return `${sidecar.name} leaves`
    },
  ],
  ...FAULTS.map(([weight, fault]) => [weight / 4, fault] as const),
]

const EMPTYING: WeightedFault = [
  4,
  ({ chance, servers }, server) => {
    const all = chance.happens(0.4)
    for (const one of all ? servers : [server]) one.flush()
    return `${all ? 'every server' : server.name} is emptied`
  },
]

/** Things going wrong at random: never so fast that nothing can be told apart, often enough to overlap. */
export class Faults {
  readonly #parts: FaultParts
  readonly #faults: readonly WeightedFault[]

  constructor(parts: FaultParts, faults = faultsOf(parts)) {
    this.#parts = parts
    this.#faults = faults
  }

  start(): void {
    const { world, chance } = this.#parts
    world.plan(chance.between(200, 2_500), () => {
      this.#strike()
      this.start()
    })
  }

  #strike(): void {
    const { chance, servers, note } = this.#parts
    const sidecars = this.#parts.sidecars()
    if (sidecars.length === 0) return
    const total = this.#faults.reduce((sum, [weight]) => sum + weight, 0)
    let place = chance.between(0, total)
    for (const [weight, fault] of this.#faults) {
      place -= weight
      if (place >= 0) continue
      note(fault(this.#parts, chance.pick(servers), chance.pick(sidecars)))
      return
    }
  }
}

function cutOne(carries: 'data' | 'news'): Fault {
  return ({ chance }, _server, sidecar) => {
    const open = sidecar.wires.flatMap((wire) => [...wire.open]).filter((one) => one.carries === carries)
    if (open.length > 0) chance.pick(open).cut()
    return `${sidecar.name} loses a ${carries} connection`
  }
}

function faultsOf({ changingRing, emptying = false }: FaultParts): readonly WeightedFault[] {
  const faults = changingRing ? RING_FAULTS : FAULTS
  return emptying ? [...faults, EMPTYING] : faults
}
