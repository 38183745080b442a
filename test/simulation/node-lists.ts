import type { StatedNode } from '../../src/store/ring/ring-plan.ts'
import type { SeededChance } from '../torture/seeded-chance.ts'

type Step = (nodes: readonly StatedNode[], node: StatedNode) => readonly StatedNode[]

const without: Step = (nodes, { name }) => nodes.filter((one) => one.name !== name)
const withState =
  (state: StatedNode['state']): Step =>
  (nodes, node) => [...without(nodes, node), { ...node, state }]

/** What an operator does to one node, by its state; one that is not listed may be added with a hurry or without. */
const STEPS: Readonly<Record<StatedNode['state'] | 'absent', readonly Step[]>> = {
  absent: [withState('joining'), withState('active')],
  joining: [withState('active'), withState('active'), without],
  active: [
    withState('leaving'),
    (nodes, node) => [...without(nodes, node), { ...node, weight: node.weight === 1 ? 2 : 1 }],
  ],
  leaving: [without, without, withState('active')],
}

/** The lists of nodes that an operator writes, one after the other, always by one step at one node. */
export class NodeLists {
  readonly #names: readonly string[]
  readonly #chance: SeededChance
  readonly #lists: (readonly StatedNode[])[]

  constructor(names: readonly string[], first: number, chance: SeededChance) {
    this.#names = names
    this.#chance = chance
    this.#lists = [names.slice(0, first).map((name) => ({ name, weight: 1, state: 'active' }))]
  }

  /** Number of the newest list. */
  get newest(): number {
    return this.#lists.length - 1
  }

  list(number: number): readonly StatedNode[] {
    return this.#lists[Math.max(0, number)] as readonly StatedNode[]
  }

  /** Writes another list. Returns what is new in it. */
  write(): string {
    const nodes = this.list(this.newest)
    for (;;) {
      const name = this.#chance.pick(this.#names)
      const node = nodes.find((one) => one.name === name)
      const step = this.#chance.pick(STEPS[node?.state ?? 'absent'])
      const next = step(nodes, node ?? { name, weight: 1, state: 'active' })
      if (next.filter(({ state }) => state === 'active').length < 1) continue
      this.#lists.push(next)
      return next.map(({ name: one, weight, state }) => `${one} ${state} (${weight})`).join(', ')
    }
  }
}
