// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What became of a `Set`.
 */
export interface SetResponse {
  /**
   * False only while a hold or a write to the origin stands in the way; a failed condition is an error.
   */
  'stored'?: (boolean);
  /**
   * The version under which the value was stored.
   */
  'version'?: (number | string | Long);
}

/**
 * What became of a `Set`.
 */
export interface SetResponse__Output {
  /**
   * False only while a hold or a write to the origin stands in the way; a failed condition is an error.
   */
  'stored': (boolean);
  /**
   * The version under which the value was stored.
   */
  'version': (number);
}
