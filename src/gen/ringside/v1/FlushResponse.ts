// Original file: proto/ringside/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * The shared tier is empty.
 */
export interface FlushResponse {
  /**
   * Keys that were removed.
   */
  'removed'?: (number | string | Long);
}

/**
 * The shared tier is empty.
 */
export interface FlushResponse__Output {
  /**
   * Keys that were removed.
   */
  'removed': (number);
}
