// Original file: proto/ringside/v1/cache.proto


/**
 * One change for the origin.
 */
export interface WriteRequest {
  /**
   * A configured keyspace with an origin that stores.
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
   * The new value, opaque bytes, at most the configured limit.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * True: the value is to be deleted.
   */
  'delete'?: (boolean);
  /**
   * Exactly one of them is to be set.
   */
  'change'?: "value"|"delete";
}

/**
 * One change for the origin.
 */
export interface WriteRequest__Output {
  /**
   * A configured keyspace with an origin that stores.
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
   * The new value, opaque bytes, at most the configured limit.
   */
  'value'?: (Buffer);
  /**
   * True: the value is to be deleted.
   */
  'delete'?: (boolean);
  /**
   * Exactly one of them is to be set.
   */
  'change'?: "value"|"delete";
}
