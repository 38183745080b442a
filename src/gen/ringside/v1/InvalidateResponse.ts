// Original file: proto/ringside/v1/cache.proto

import type { InvalidateResult as _ringside_v1_InvalidateResult, InvalidateResult__Output as _ringside_v1_InvalidateResult__Output } from '../../ringside/v1/InvalidateResult.ts';

/**
 * One result for each target, in the order of the targets.
 */
export interface InvalidateResponse {
  /**
   * As many as there were targets.
   */
  'results'?: (_ringside_v1_InvalidateResult)[];
}

/**
 * One result for each target, in the order of the targets.
 */
export interface InvalidateResponse__Output {
  /**
   * As many as there were targets.
   */
  'results': (_ringside_v1_InvalidateResult__Output)[];
}
