// Original file: proto/ringside/v1/cache.proto

import type { BatchGetResult as _ringside_v1_BatchGetResult, BatchGetResult__Output as _ringside_v1_BatchGetResult__Output } from '../../ringside/v1/BatchGetResult.ts';

/**
 * One result for each request, in the order of the requests.
 */
export interface BatchGetResponse {
  /**
   * As many as there were requests.
   */
  'results'?: (_ringside_v1_BatchGetResult)[];
}

/**
 * One result for each request, in the order of the requests.
 */
export interface BatchGetResponse__Output {
  /**
   * As many as there were requests.
   */
  'results': (_ringside_v1_BatchGetResult__Output)[];
}
