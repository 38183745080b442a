// Original file: proto/ringside/v1/cache.proto


/**
 * One key, or all that carry one tag.
 */
export interface InvalidateTarget {
  /**
   * A configured keyspace.
   */
  'keyspace'?: (string);
  /**
   * As in `GetRequest`.
   */
  'key'?: (string);
  /**
   * All keys of the keyspace and tenant that carry this tag.
   */
  'tag'?: (string);
  /**
   * As in `GetRequest`.
   */
  'tenant'?: (string);
  /**
   * Exactly one of them is to be set.
   */
  'target'?: "key"|"tag";
}

/**
 * One key, or all that carry one tag.
 */
export interface InvalidateTarget__Output {
  /**
   * A configured keyspace.
   */
  'keyspace': (string);
  /**
   * As in `GetRequest`.
   */
  'key'?: (string);
  /**
   * All keys of the keyspace and tenant that carry this tag.
   */
  'tag'?: (string);
  /**
   * As in `GetRequest`.
   */
  'tenant': (string);
  /**
   * Exactly one of them is to be set.
   */
  'target'?: "key"|"tag";
}
