// Original file: proto/ringside/v1/cache.proto

import type { GetRequest as _ringside_v1_GetRequest, GetRequest__Output as _ringside_v1_GetRequest__Output } from '../../ringside/v1/GetRequest.ts';

/**
 * Many keys to read; they may be of different keyspaces.
 */
export interface BatchGetRequest {
  /**
   * 1 to the configured limit (1,000 unless changed).
   */
  'requests'?: (_ringside_v1_GetRequest)[];
}

/**
 * Many keys to read; they may be of different keyspaces.
 */
export interface BatchGetRequest__Output {
  /**
   * 1 to the configured limit (1,000 unless changed).
   */
  'requests': (_ringside_v1_GetRequest__Output)[];
}
