// Original file: proto/ringside/v1/cache.proto

/**
 * What a read found.
 */
export const Outcome = {
  /**
   * Never sent.
   */
  OUTCOME_UNSPECIFIED: 'OUTCOME_UNSPECIFIED',
  /**
   * There is a value, in `value`.
   */
  OUTCOME_FOUND: 'OUTCOME_FOUND',
  /**
   * The origin says that there is none.
   */
  OUTCOME_NOT_FOUND: 'OUTCOME_NOT_FOUND',
  /**
   * Nothing is cached, and the keyspace has no origin to ask: the caller loads for itself (cache-aside).
   */
  OUTCOME_MISS: 'OUTCOME_MISS',
} as const;

/**
 * What a read found.
 */
export type Outcome =
  /**
   * Never sent.
   */
  | 'OUTCOME_UNSPECIFIED'
  | 0
  /**
   * There is a value, in `value`.
   */
  | 'OUTCOME_FOUND'
  | 1
  /**
   * The origin says that there is none.
   */
  | 'OUTCOME_NOT_FOUND'
  | 2
  /**
   * Nothing is cached, and the keyspace has no origin to ask: the caller loads for itself (cache-aside).
   */
  | 'OUTCOME_MISS'
  | 3

/**
 * What a read found.
 */
export type Outcome__Output = typeof Outcome[keyof typeof Outcome]
