// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What became of a `Write`.
 */
export interface WriteResponse {
  /**
   * Answers of this version or a larger one are newer than what was there before. 0 where the shard has yet to hear of it.
   */
  'version'?: (number | string | Long);
  /**
   * The origin has the change, but the shard could not be reached and will hear of it later; with write-behind, the
   * shard has it, and the origin will.
   */
  'deferred'?: (boolean);
}

/**
 * What became of a `Write`.
 */
export interface WriteResponse__Output {
  /**
   * Answers of this version or a larger one are newer than what was there before. 0 where the shard has yet to hear of it.
   */
  'version': (number);
  /**
   * The origin has the change, but the shard could not be reached and will hear of it later; with write-behind, the
   * shard has it, and the origin will.
   */
  'deferred': (boolean);
}
