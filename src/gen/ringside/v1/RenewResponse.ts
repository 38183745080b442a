// Original file: proto/ringside/v1/lock.proto

import type { Long } from '@grpc/proto-loader';

/**
 * The lock is still held.
 */
export interface RenewResponse {
  /**
   * Unchanged by a renewal.
   */
  'fencing_token'?: (number | string | Long);
  /**
   * Milliseconds for which the lock stands.
   */
  'ttl_ms'?: (number | string | Long);
}

/**
 * The lock is still held.
 */
export interface RenewResponse__Output {
  /**
   * Unchanged by a renewal.
   */
  'fencing_token': (number);
  /**
   * Milliseconds for which the lock stands.
   */
  'ttl_ms': (number);
}
