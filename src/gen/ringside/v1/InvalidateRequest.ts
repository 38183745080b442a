// Original file: proto/ringside/v1/cache.proto

import type { InvalidateTarget as _ringside_v1_InvalidateTarget, InvalidateTarget__Output as _ringside_v1_InvalidateTarget__Output } from '../../ringside/v1/InvalidateTarget.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What to invalidate.
 */
export interface InvalidateRequest {
  /**
   * 1 to the configured limit of a batch.
   */
  'targets'?: (_ringside_v1_InvalidateTarget)[];
  /**
   * Milliseconds during which loads are answered but not stored, at most 600,000: for invalidations sent before the
   * commit. Less than the lag of the keyspace's origin counts as that.
   */
  'hold_ms'?: (number | string | Long);
  '_hold_ms'?: "hold_ms";
}

/**
 * What to invalidate.
 */
export interface InvalidateRequest__Output {
  /**
   * 1 to the configured limit of a batch.
   */
  'targets': (_ringside_v1_InvalidateTarget__Output)[];
  /**
   * Milliseconds during which loads are answered but not stored, at most 600,000: for invalidations sent before the
   * commit. Less than the lag of the keyspace's origin counts as that.
   */
  'hold_ms'?: (number);
  '_hold_ms'?: "hold_ms";
}
