// Original file: proto/ringside/v1/admin.proto

import type { WarmSource as _ringside_v1_WarmSource, WarmSource__Output as _ringside_v1_WarmSource__Output } from '../../ringside/v1/WarmSource.ts';

/**
 * What to load.
 */
export interface WarmRequest {
  /**
   * A configured keyspace with an origin.
   */
  'keyspace'?: (string);
  /**
   * Whose keys they are; empty where the keyspace has no tenants, and for the hot keys of all.
   */
  'tenant'?: (string);
  /**
   * The keys, as in `GetRequest`.
   */
  'keys'?: (string)[];
  /**
   * Keys per second at most; 0 = as fast as the origin's limits allow.
   */
  'keys_per_second'?: (number);
  /**
   * Where other keys than these come from.
   */
  'source'?: (_ringside_v1_WarmSource);
  /**
   * The `cursor` of the last message of a call that was cut short: this one goes on there. Empty = from the first.
   */
  'after'?: (string);
}

/**
 * What to load.
 */
export interface WarmRequest__Output {
  /**
   * A configured keyspace with an origin.
   */
  'keyspace': (string);
  /**
   * Whose keys they are; empty where the keyspace has no tenants, and for the hot keys of all.
   */
  'tenant': (string);
  /**
   * The keys, as in `GetRequest`.
   */
  'keys': (string)[];
  /**
   * Keys per second at most; 0 = as fast as the origin's limits allow.
   */
  'keys_per_second': (number);
  /**
   * Where other keys than these come from.
   */
  'source': (_ringside_v1_WarmSource__Output);
  /**
   * The `cursor` of the last message of a call that was cut short: this one goes on there. Empty = from the first.
   */
  'after': (string);
}
