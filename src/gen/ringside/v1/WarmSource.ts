// Original file: proto/ringside/v1/admin.proto

/**
 * Which keys are warmed.
 */
export const WarmSource = {
  /**
   * Those in `keys`.
   */
  WARM_SOURCE_UNSPECIFIED: 'WARM_SOURCE_UNSPECIFIED',
  /**
   * All that the `warm` statement of the origin yields; `INVALID_ARGUMENT` where it has none.
   */
  WARM_SOURCE_QUERY: 'WARM_SOURCE_QUERY',
  /**
   * Those that the fleet reads most.
   */
  WARM_SOURCE_HOT: 'WARM_SOURCE_HOT',
} as const;

/**
 * Which keys are warmed.
 */
export type WarmSource =
  /**
   * Those in `keys`.
   */
  | 'WARM_SOURCE_UNSPECIFIED'
  | 0
  /**
   * All that the `warm` statement of the origin yields; `INVALID_ARGUMENT` where it has none.
   */
  | 'WARM_SOURCE_QUERY'
  | 1
  /**
   * Those that the fleet reads most.
   */
  | 'WARM_SOURCE_HOT'
  | 2

/**
 * Which keys are warmed.
 */
export type WarmSource__Output = typeof WarmSource[keyof typeof WarmSource]
