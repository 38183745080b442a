// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What the counter says now.
 */
export interface IncrementResponse {
  /**
   * The sum.
   */
  'value'?: (number | string | Long);
}

/**
 * What the counter says now.
 */
export interface IncrementResponse__Output {
  /**
   * The sum.
   */
  'value': (number);
}
