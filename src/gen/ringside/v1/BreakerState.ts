// Original file: proto/ringside/v1/admin.proto

/**
 * Whether a circuit breaker lets calls pass.
 */
export const BreakerState = {
  /**
   * Never sent.
   */
  BREAKER_STATE_UNSPECIFIED: 'BREAKER_STATE_UNSPECIFIED',
  /**
   * It does.
   */
  BREAKER_STATE_CLOSED: 'BREAKER_STATE_CLOSED',
  /**
   * One at a time, to see whether the dependency is well again.
   */
  BREAKER_STATE_HALF_OPEN: 'BREAKER_STATE_HALF_OPEN',
  /**
   * None: the dependency fails.
   */
  BREAKER_STATE_OPEN: 'BREAKER_STATE_OPEN',
} as const;

/**
 * Whether a circuit breaker lets calls pass.
 */
export type BreakerState =
  /**
   * Never sent.
   */
  | 'BREAKER_STATE_UNSPECIFIED'
  | 0
  /**
   * It does.
   */
  | 'BREAKER_STATE_CLOSED'
  | 1
  /**
   * One at a time, to see whether the dependency is well again.
   */
  | 'BREAKER_STATE_HALF_OPEN'
  | 2
  /**
   * None: the dependency fails.
   */
  | 'BREAKER_STATE_OPEN'
  | 3

/**
 * Whether a circuit breaker lets calls pass.
 */
export type BreakerState__Output = typeof BreakerState[keyof typeof BreakerState]
