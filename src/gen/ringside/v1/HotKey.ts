// Original file: proto/ringside/v1/admin.proto


/**
 * One hot key.
 */
export interface HotKey {
  /**
   * Its keyspace.
   */
  'keyspace'?: (string);
  /**
   * Its tenant; may be empty.
   */
  'tenant'?: (string);
  /**
   * The key.
   */
  'key'?: (string);
  /**
   * Reads per second in the whole fleet, estimated.
   */
  'reads_per_second'?: (number | string);
  /**
   * Share of its home shard's reads, 0 to 1.
   */
  'shard_share'?: (number | string);
  /**
   * Extra copies it has at present.
   */
  'copies'?: (number);
}

/**
 * One hot key.
 */
export interface HotKey__Output {
  /**
   * Its keyspace.
   */
  'keyspace': (string);
  /**
   * Its tenant; may be empty.
   */
  'tenant': (string);
  /**
   * The key.
   */
  'key': (string);
  /**
   * Reads per second in the whole fleet, estimated.
   */
  'reads_per_second': (number);
  /**
   * Share of its home shard's reads, 0 to 1.
   */
  'shard_share': (number);
  /**
   * Extra copies it has at present.
   */
  'copies': (number);
}
