// Original file: proto/ringside/v1/admin.proto


/**
 * Which hot keys.
 */
export interface HotKeysRequest {
  /**
   * Only of this keyspace; empty = of all.
   */
  'keyspace'?: (string);
  /**
   * At most so many; 0 = 100.
   */
  'limit'?: (number);
}

/**
 * Which hot keys.
 */
export interface HotKeysRequest__Output {
  /**
   * Only of this keyspace; empty = of all.
   */
  'keyspace': (string);
  /**
   * At most so many; 0 = 100.
   */
  'limit': (number);
}
