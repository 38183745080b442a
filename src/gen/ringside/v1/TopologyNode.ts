// Original file: proto/ringside/v1/admin.proto

import type { NodeState as _ringside_v1_NodeState, NodeState__Output as _ringside_v1_NodeState__Output } from '../../ringside/v1/NodeState.ts';

/**
 * One node.
 */
export interface TopologyNode {
  /**
   * Its configured name.
   */
  'name'?: (string);
  /**
   * How it stands in the ring.
   */
  'state'?: (_ringside_v1_NodeState);
  /**
   * Its share of the keys, relative to the other nodes.
   */
  'weight'?: (number | string);
  /**
   * Whether this sidecar can reach it.
   */
  'up'?: (boolean);
  /**
   * Why not; empty when it is up.
   */
  'why'?: (string);
  /**
   * Host and port of the primary, without credentials.
   */
  'primary'?: (string);
  /**
   * Hosts and ports of the replicas, without credentials.
   */
  'replicas'?: (string)[];
}

/**
 * One node.
 */
export interface TopologyNode__Output {
  /**
   * Its configured name.
   */
  'name': (string);
  /**
   * How it stands in the ring.
   */
  'state': (_ringside_v1_NodeState__Output);
  /**
   * Its share of the keys, relative to the other nodes.
   */
  'weight': (number);
  /**
   * Whether this sidecar can reach it.
   */
  'up': (boolean);
  /**
   * Why not; empty when it is up.
   */
  'why': (string);
  /**
   * Host and port of the primary, without credentials.
   */
  'primary': (string);
  /**
   * Hosts and ports of the replicas, without credentials.
   */
  'replicas': (string)[];
}
