// Original file: proto/ringside/v1/admin.proto

/**
 * How a node stands in the ring.
 */
export const NodeState = {
  /**
   * Never sent.
   */
  NODE_STATE_UNSPECIFIED: 'NODE_STATE_UNSPECIFIED',
  /**
   * Gets writes, and is not read yet.
   */
  NODE_STATE_JOINING: 'NODE_STATE_JOINING',
  /**
   * Read and written.
   */
  NODE_STATE_ACTIVE: 'NODE_STATE_ACTIVE',
  /**
   * Still read, and about to go.
   */
  NODE_STATE_LEAVING: 'NODE_STATE_LEAVING',
} as const;

/**
 * How a node stands in the ring.
 */
export type NodeState =
  /**
   * Never sent.
   */
  | 'NODE_STATE_UNSPECIFIED'
  | 0
  /**
   * Gets writes, and is not read yet.
   */
  | 'NODE_STATE_JOINING'
  | 1
  /**
   * Read and written.
   */
  | 'NODE_STATE_ACTIVE'
  | 2
  /**
   * Still read, and about to go.
   */
  | 'NODE_STATE_LEAVING'
  | 3

/**
 * How a node stands in the ring.
 */
export type NodeState__Output = typeof NodeState[keyof typeof NodeState]
