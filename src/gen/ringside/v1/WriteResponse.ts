// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What became of a `Write`.
 */
export interface WriteResponse {
  /**
   * The version that the change left behind in the cache.
   */
  'version'?: (number | string | Long);
  /**
   * The change is in the journal and will reach the origin later (write-behind).
   */
  'deferred'?: (boolean);
}

/**
 * What became of a `Write`.
 */
export interface WriteResponse__Output {
  /**
   * The version that the change left behind in the cache.
   */
  'version': (number);
  /**
   * The change is in the journal and will reach the origin later (write-behind).
   */
  'deferred': (boolean);
}
