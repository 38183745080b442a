// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * The right, held by one caller in the fleet, to fill one missing key.
 */
export interface Lease {
  /**
   * Opaque, URL-safe; goes into `SetRequest.lease_token`.
   */
  'token'?: (string);
  /**
   * Milliseconds for which the right stands.
   */
  'ttl_ms'?: (number | string | Long);
}

/**
 * The right, held by one caller in the fleet, to fill one missing key.
 */
export interface Lease__Output {
  /**
   * Opaque, URL-safe; goes into `SetRequest.lease_token`.
   */
  'token': (string);
  /**
   * Milliseconds for which the right stands.
   */
  'ttl_ms': (number);
}
