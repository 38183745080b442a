// Original file: proto/ringside/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * The keyspace has moved, everywhere.
 */
export interface BumpKeyspaceResponse {
  /**
   * The version of the keyspace from now on.
   */
  'version'?: (number | string | Long);
}

/**
 * The keyspace has moved, everywhere.
 */
export interface BumpKeyspaceResponse__Output {
  /**
   * The version of the keyspace from now on.
   */
  'version': (number);
}
