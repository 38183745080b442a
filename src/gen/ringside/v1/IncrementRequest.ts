// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One addition to a counter. Not available yet.
 */
export interface IncrementRequest {
  /**
   * A configured keyspace of kind `counter`.
   */
  'keyspace'?: (string);
  /**
   * As in `GetRequest`.
   */
  'key'?: (string);
  /**
   * As in `GetRequest`.
   */
  'tenant'?: (string);
  /**
   * What to add; may be negative. Within ± 2^53.
   */
  'delta'?: (number | string | Long);
  /**
   * What an absent counter starts from, before `delta` is added. Within ± 2^53.
   */
  'initial'?: (number | string | Long);
  /**
   * Milliseconds, above 0; the keyspace's ttl if absent.
   */
  'ttl_ms'?: (number | string | Long);
  /**
   * Chosen by the caller and unique per addition, so that a repeated call counts once; empty = not repeated.
   */
  'request_id'?: (string);
  '_ttl_ms'?: "ttl_ms";
}

/**
 * One addition to a counter. Not available yet.
 */
export interface IncrementRequest__Output {
  /**
   * A configured keyspace of kind `counter`.
   */
  'keyspace': (string);
  /**
   * As in `GetRequest`.
   */
  'key': (string);
  /**
   * As in `GetRequest`.
   */
  'tenant': (string);
  /**
   * What to add; may be negative. Within ± 2^53.
   */
  'delta': (number);
  /**
   * What an absent counter starts from, before `delta` is added. Within ± 2^53.
   */
  'initial': (number);
  /**
   * Milliseconds, above 0; the keyspace's ttl if absent.
   */
  'ttl_ms'?: (number);
  /**
   * Chosen by the caller and unique per addition, so that a repeated call counts once; empty = not repeated.
   */
  'request_id': (string);
  '_ttl_ms'?: "ttl_ms";
}
