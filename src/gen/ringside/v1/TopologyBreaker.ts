// Original file: proto/ringside/v1/admin.proto

import type { BreakerState as _ringside_v1_BreakerState, BreakerState__Output as _ringside_v1_BreakerState__Output } from '../../ringside/v1/BreakerState.ts';

/**
 * One circuit breaker.
 */
export interface TopologyBreaker {
  /**
   * `shard:` or `origin:` and what it guards.
   */
  'name'?: (string);
  /**
   * Whether it lets calls pass.
   */
  'state'?: (_ringside_v1_BreakerState);
}

/**
 * One circuit breaker.
 */
export interface TopologyBreaker__Output {
  /**
   * `shard:` or `origin:` and what it guards.
   */
  'name': (string);
  /**
   * Whether it lets calls pass.
   */
  'state': (_ringside_v1_BreakerState__Output);
}
