// Original file: proto/ringside/v1/lock.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One held lock.
 */
export interface RenewRequest {
  /**
   * As in `AcquireRequest`.
   */
  'name'?: (string);
  /**
   * As in `AcquireRequest`.
   */
  'tenant'?: (string);
  /**
   * From `AcquireResponse`.
   */
  'lock_token'?: (string);
  /**
   * Milliseconds from now for which it is to be held; above 0, at most `locks.maxTtl`.
   */
  'ttl_ms'?: (number | string | Long);
}

/**
 * One held lock.
 */
export interface RenewRequest__Output {
  /**
   * As in `AcquireRequest`.
   */
  'name': (string);
  /**
   * As in `AcquireRequest`.
   */
  'tenant': (string);
  /**
   * From `AcquireResponse`.
   */
  'lock_token': (string);
  /**
   * Milliseconds from now for which it is to be held; above 0, at most `locks.maxTtl`.
   */
  'ttl_ms': (number);
}
