// Original file: proto/ringside/v1/cache.proto

import type { GetResponse as _ringside_v1_GetResponse, GetResponse__Output as _ringside_v1_GetResponse__Output } from '../../ringside/v1/GetResponse.ts';
import type { BatchGetError as _ringside_v1_BatchGetError, BatchGetError__Output as _ringside_v1_BatchGetError__Output } from '../../ringside/v1/BatchGetError.ts';

/**
 * What became of one request of a batch.
 */
export interface BatchGetResult {
  /**
   * The answer, as `Get` would have given it.
   */
  'response'?: (_ringside_v1_GetResponse | null);
  /**
   * Why there is none.
   */
  'error'?: (_ringside_v1_BatchGetError | null);
  /**
   * Exactly one of them is set.
   */
  'result'?: "response"|"error";
}

/**
 * What became of one request of a batch.
 */
export interface BatchGetResult__Output {
  /**
   * The answer, as `Get` would have given it.
   */
  'response'?: (_ringside_v1_GetResponse__Output | null);
  /**
   * Why there is none.
   */
  'error'?: (_ringside_v1_BatchGetError__Output | null);
  /**
   * Exactly one of them is set.
   */
  'result'?: "response"|"error";
}
