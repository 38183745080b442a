// Original file: proto/ringside/v1/admin.proto

import type { TopologyNode as _ringside_v1_TopologyNode, TopologyNode__Output as _ringside_v1_TopologyNode__Output } from '../../ringside/v1/TopologyNode.ts';
import type { TopologyBreaker as _ringside_v1_TopologyBreaker, TopologyBreaker__Output as _ringside_v1_TopologyBreaker__Output } from '../../ringside/v1/TopologyBreaker.ts';

/**
 * The shared tier as one sidecar sees it.
 */
export interface TopologyResponse {
  /**
   * Hash of the ring; sidecars that agree on the nodes have the same.
   */
  'ring_hash'?: (string);
  /**
   * All nodes, also those that are joining or leaving.
   */
  'nodes'?: (_ringside_v1_TopologyNode)[];
  /**
   * The circuit breakers in front of shards and origins.
   */
  'breakers'?: (_ringside_v1_TopologyBreaker)[];
}

/**
 * The shared tier as one sidecar sees it.
 */
export interface TopologyResponse__Output {
  /**
   * Hash of the ring; sidecars that agree on the nodes have the same.
   */
  'ring_hash': (string);
  /**
   * All nodes, also those that are joining or leaving.
   */
  'nodes': (_ringside_v1_TopologyNode__Output)[];
  /**
   * The circuit breakers in front of shards and origins.
   */
  'breakers': (_ringside_v1_TopologyBreaker__Output)[];
}
