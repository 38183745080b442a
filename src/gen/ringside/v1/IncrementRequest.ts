// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One addition to a counter. All of its numbers are 64 bits wide.
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
   * What to add; may be negative.
   */
  'delta'?: (number | string | Long);
  /**
   * What an absent counter starts from, before `delta` is added.
   */
  'initial'?: (number | string | Long);
  /**
   * Milliseconds, above 0 and at most the keyspace's ttl, which it defaults to. Counts when the counter starts; that of one
   * that is there stays as it is.
   */
  'ttl_ms'?: (number | string | Long);
  /**
   * Chosen by the caller and unique per addition, so that a repeated call counts once and has the same answer; empty = not
   * repeated. At most 256 characters. A counter remembers its last 512 ids for 60 seconds, as long
   * as it is there itself.
   */
  'request_id'?: (string);
  '_ttl_ms'?: "ttl_ms";
}

/**
 * One addition to a counter. All of its numbers are 64 bits wide.
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
   * What to add; may be negative.
   */
  'delta': (number);
  /**
   * What an absent counter starts from, before `delta` is added.
   */
  'initial': (number);
  /**
   * Milliseconds, above 0 and at most the keyspace's ttl, which it defaults to. Counts when the counter starts; that of one
   * that is there stays as it is.
   */
  'ttl_ms'?: (number);
  /**
   * Chosen by the caller and unique per addition, so that a repeated call counts once and has the same answer; empty = not
   * repeated. At most 256 characters. A counter remembers its last 512 ids for 60 seconds, as long
   * as it is there itself.
   */
  'request_id': (string);
  '_ttl_ms'?: "ttl_ms";
}
