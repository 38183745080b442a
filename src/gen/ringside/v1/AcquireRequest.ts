// Original file: proto/ringside/v1/lock.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One lock to take.
 */
export interface AcquireRequest {
  /**
   * Which lock, 1 to 1,024 bytes of printable UTF-8.
   */
  'name'?: (string);
  /**
   * Whose lock it is; may be empty.
   */
  'tenant'?: (string);
  /**
   * Milliseconds for which it is held unless it is renewed; above 0, at most `locks.maxTtl` of the configuration.
   */
  'ttl_ms'?: (number | string | Long);
  /**
   * Milliseconds to wait while somebody else holds it; 0 = answer at once.
   */
  'wait_ms'?: (number | string | Long);
  /**
   * Chosen by the caller and unique per attempt, so that a repeated call is granted the same holding; empty = not
   * repeated, and a grant that does not reach its caller is given back. At most 256 characters.
   */
  'request_id'?: (string);
}

/**
 * One lock to take.
 */
export interface AcquireRequest__Output {
  /**
   * Which lock, 1 to 1,024 bytes of printable UTF-8.
   */
  'name': (string);
  /**
   * Whose lock it is; may be empty.
   */
  'tenant': (string);
  /**
   * Milliseconds for which it is held unless it is renewed; above 0, at most `locks.maxTtl` of the configuration.
   */
  'ttl_ms': (number);
  /**
   * Milliseconds to wait while somebody else holds it; 0 = answer at once.
   */
  'wait_ms': (number);
  /**
   * Chosen by the caller and unique per attempt, so that a repeated call is granted the same holding; empty = not
   * repeated, and a grant that does not reach its caller is given back. At most 256 characters.
   */
  'request_id': (string);
}
