// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One value to store.
 */
export interface SetRequest {
  /**
   * A configured keyspace.
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
   * Opaque bytes, at most the configured limit (4 MiB unless changed); may be empty. `VALUE_TOO_LARGE` beyond.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * Milliseconds, above 0 and at most the keyspace's ttl, which it defaults to. `TTL_INVALID` otherwise.
   */
  'ttl_ms'?: (number | string | Long);
  /**
   * The lease that came with a miss: the value is stored only if it still stands. Empty = store without a lease.
   */
  'lease_token'?: (string);
  /**
   * Store only if this is the live version; 0 = only if there is no live value. Below 2^53.
   */
  'if_version'?: (number | string | Long);
  /**
   * Up to 16 names, of 1 to 128 bytes of printable UTF-8 each, under which the value can be invalidated together with
   * others of its keyspace and tenant.
   */
  'tags'?: (string)[];
  '_ttl_ms'?: "ttl_ms";
  '_if_version'?: "if_version";
}

/**
 * One value to store.
 */
export interface SetRequest__Output {
  /**
   * A configured keyspace.
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
   * Opaque bytes, at most the configured limit (4 MiB unless changed); may be empty. `VALUE_TOO_LARGE` beyond.
   */
  'value': (Buffer);
  /**
   * Milliseconds, above 0 and at most the keyspace's ttl, which it defaults to. `TTL_INVALID` otherwise.
   */
  'ttl_ms'?: (number);
  /**
   * The lease that came with a miss: the value is stored only if it still stands. Empty = store without a lease.
   */
  'lease_token': (string);
  /**
   * Store only if this is the live version; 0 = only if there is no live value. Below 2^53.
   */
  'if_version'?: (number);
  /**
   * Up to 16 names, of 1 to 128 bytes of printable UTF-8 each, under which the value can be invalidated together with
   * others of its keyspace and tenant.
   */
  'tags': (string)[];
  '_ttl_ms'?: "ttl_ms";
  '_if_version'?: "if_version";
}
