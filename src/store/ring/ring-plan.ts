import { RingsideError } from '../../base/errors.ts'
import type { Ring, RingNode } from '../../ring/ring.ts'
import type { Rings } from '../../ring/rings.ts'

export type NodeState = 'joining' | 'active' | 'leaving'

/** A node of the ring, and its place in the life of the ring. */
export interface StatedNode extends RingNode {
  /** `joining`: on the ring after a change; `leaving`: on the one before it; `active`: on both. */
  readonly state: NodeState
}

/** What is configured: the ring before a change, with the nodes that are leaving, and the one after it, with those that are joining. */
export interface RingPlan {
  readonly before: Ring
  readonly after: Ring
}

/** Throws `CONFIG_INVALID` when the nodes make no ring. */
export function planOf(nodes: readonly StatedNode[], rings: Rings): RingPlan {
  if (!nodes.some(({ state }) => state === 'active')) {
    throw new RingsideError('CONFIG_INVALID', 'shards.nodes: none is active; a ring changes node by node')
  }
  if (new Set(nodes.map(({ name }) => name)).size !== nodes.length) {
    throw new RingsideError('CONFIG_INVALID', 'shards.nodes: two nodes of one name')
  }
  const but = (state: NodeState) => nodes.filter((node) => node.state !== state)
  try {
    return { before: rings.of(but('joining')), after: rings.of(but('leaving')) }
  } catch (error) {
    throw new RingsideError('CONFIG_INVALID', `shards.nodes: ${(error as Error).message}`, { cause: error })
  }
}
