// Original file: proto/ringside/v1/admin.proto


/**
 * What to load.
 */
export interface WarmRequest {
  /**
   * A configured keyspace with an origin.
   */
  'keyspace'?: (string);
  /**
   * Whose keys they are; empty where the keyspace has no tenants.
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
   * Whose keys they are; empty where the keyspace has no tenants.
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
}
