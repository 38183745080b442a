// Original file: proto/ringside/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * How far a `Warm` is. The last message has `loaded + present + missing + failed = total`.
 */
export interface WarmProgress {
  /**
   * Keys that were asked for.
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
}

/**
 * How far a `Warm` is. The last message has `loaded + present + missing + failed = total`.
 */
export interface WarmProgress__Output {
  /**
   * Keys that were asked for.
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
}
