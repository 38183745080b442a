// Original file: proto/ringside/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What was cached in the shared tier is gone.
 */
export interface FlushResponse {
  /**
   * Keys that were removed.
   */
  'removed'?: (number | string | Long);
  /**
   * Names of the environment that were left: counters, locks, tags and other control keys, what its origin does not have
   * yet, and keys that are being written or held.
   */
  'kept'?: (number | string | Long);
}

/**
 * What was cached in the shared tier is gone.
 */
export interface FlushResponse__Output {
  /**
   * Keys that were removed.
   */
  'removed': (number);
  /**
   * Names of the environment that were left: counters, locks, tags and other control keys, what its origin does not have
   * yet, and keys that are being written or held.
   */
  'kept': (number);
}
