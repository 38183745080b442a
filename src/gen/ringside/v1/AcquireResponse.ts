// Original file: proto/ringside/v1/lock.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What became of an `Acquire`.
 */
export interface AcquireResponse {
  /**
   * False: somebody else holds it.
   */
  'acquired'?: (boolean);
  /**
   * Opaque, URL-safe: names this holding in `Renew` and `Release`; empty unless acquired.
   */
  'lock_token'?: (string);
  /**
   * Grows with every holder of this lock: pass it on to what the lock protects, which refuses a smaller one than it has
   * seen. 0 unless acquired.
   */
  'fencing_token'?: (number | string | Long);
  /**
   * Milliseconds for which the lock stands as of this answer: yours for certain, or the present holder's as far as is
   * known. Count yours from before the call was made, or renew in good time.
   */
  'ttl_ms'?: (number | string | Long);
}

/**
 * What became of an `Acquire`.
 */
export interface AcquireResponse__Output {
  /**
   * False: somebody else holds it.
   */
  'acquired': (boolean);
  /**
   * Opaque, URL-safe: names this holding in `Renew` and `Release`; empty unless acquired.
   */
  'lock_token': (string);
  /**
   * Grows with every holder of this lock: pass it on to what the lock protects, which refuses a smaller one than it has
   * seen. 0 unless acquired.
   */
  'fencing_token': (number);
  /**
   * Milliseconds for which the lock stands as of this answer: yours for certain, or the present holder's as far as is
   * known. Count yours from before the call was made, or renew in good time.
   */
  'ttl_ms': (number);
}
