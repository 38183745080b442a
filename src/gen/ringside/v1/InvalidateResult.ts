// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What became of one target.
 */
export interface InvalidateResult {
  /**
   * The version of the invalidation: answers of this version or a larger one are newer (of a tag, it says nothing about
   * versions of keys). 0 where it is deferred.
   */
  'version'?: (number | string | Long);
  /**
   * Kept for later because the shard could not be reached: the freshness bound starts when it is replayed.
   */
  'deferred'?: (boolean);
}

/**
 * What became of one target.
 */
export interface InvalidateResult__Output {
  /**
   * The version of the invalidation: answers of this version or a larger one are newer (of a tag, it says nothing about
   * versions of keys). 0 where it is deferred.
   */
  'version': (number);
  /**
   * Kept for later because the shard could not be reached: the freshness bound starts when it is replayed.
   */
  'deferred': (boolean);
}
