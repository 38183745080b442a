// Original file: proto/ringside/v1/admin.proto


/**
 * Which keyspace.
 */
export interface BumpKeyspaceRequest {
  /**
   * A configured keyspace.
   */
  'keyspace'?: (string);
}

/**
 * Which keyspace.
 */
export interface BumpKeyspaceRequest__Output {
  /**
   * A configured keyspace.
   */
  'keyspace': (string);
}
