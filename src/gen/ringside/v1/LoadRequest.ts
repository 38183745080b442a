// Original file: proto/ringside/v1/origin.proto


/**
 * Keys of one keyspace and tenant.
 */
export interface LoadRequest {
  /**
   * The keyspace they belong to.
   */
  'keyspace'?: (string);
  /**
   * Whose keys they are; empty where the keyspace has no tenants.
   */
  'tenant'?: (string);
  /**
   * 1 to the configured batch of the origin; distinct.
   */
  'keys'?: (string)[];
}

/**
 * Keys of one keyspace and tenant.
 */
export interface LoadRequest__Output {
  /**
   * The keyspace they belong to.
   */
  'keyspace': (string);
  /**
   * Whose keys they are; empty where the keyspace has no tenants.
   */
  'tenant': (string);
  /**
   * 1 to the configured batch of the origin; distinct.
   */
  'keys': (string)[];
}
