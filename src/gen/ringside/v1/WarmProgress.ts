// Original file: proto/ringside/v1/admin.proto

import type { WarmFailure as _ringside_v1_WarmFailure, WarmFailure__Output as _ringside_v1_WarmFailure__Output } from '../../ringside/v1/WarmFailure.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * How far a `Warm` is. The last message has `loaded + present + missing + failed = done`.
 */
export interface WarmProgress {
  /**
   * Keys that there are to warm; 0 = not known.
   */
  'total'?: (number | string | Long);
  /**
   * Keys loaded from the origin so far.
   */
  'loaded'?: (number | string | Long);
  /**
   * Keys that were cached already.
   */
  'present'?: (number | string | Long);
  /**
   * Keys that the origin does not have.
   */
  'missing'?: (number | string | Long);
  /**
   * Keys that could not be loaded.
   */
  'failed'?: (number | string | Long);
  /**
   * Keys that are done with, of this call.
   */
  'done'?: (number | string | Long);
  /**
   * Keys a second since its beginning.
   */
  'keys_per_second'?: (number | string);
  /**
   * How long it will take yet at that rate; 0 = not known.
   */
  'left_ms'?: (number | string | Long);
  /**
   * Up to where all is done; for `after`. A call that goes on there meets the last few hundred keys again.
   */
  'cursor'?: (string);
  /**
   * The first of those that failed, ten at most.
   */
  'failures'?: (_ringside_v1_WarmFailure)[];
  /**
   * Of `done`, so many up to `cursor`: the others are counted again by a call that goes on there.
   */
  'done_at_cursor'?: (number | string | Long);
}

/**
 * How far a `Warm` is. The last message has `loaded + present + missing + failed = done`.
 */
export interface WarmProgress__Output {
  /**
   * Keys that there are to warm; 0 = not known.
   */
  'total': (number);
  /**
   * Keys loaded from the origin so far.
   */
  'loaded': (number);
  /**
   * Keys that were cached already.
   */
  'present': (number);
  /**
   * Keys that the origin does not have.
   */
  'missing': (number);
  /**
   * Keys that could not be loaded.
   */
  'failed': (number);
  /**
   * Keys that are done with, of this call.
   */
  'done': (number);
  /**
   * Keys a second since its beginning.
   */
  'keys_per_second': (number);
  /**
   * How long it will take yet at that rate; 0 = not known.
   */
  'left_ms': (number);
  /**
   * Up to where all is done; for `after`. A call that goes on there meets the last few hundred keys again.
   */
  'cursor': (string);
  /**
   * The first of those that failed, ten at most.
   */
  'failures': (_ringside_v1_WarmFailure__Output)[];
  /**
   * Of `done`, so many up to `cursor`: the others are counted again by a call that goes on there.
   */
  'done_at_cursor': (number);
}
