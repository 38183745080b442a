// Original file: proto/ringside/v1/origin.proto

import type { StoredChange as _ringside_v1_StoredChange, StoredChange__Output as _ringside_v1_StoredChange__Output } from '../../ringside/v1/StoredChange.ts';

/**
 * Changes of one keyspace and tenant.
 */
export interface StoreRequest {
  /**
   * The keyspace they belong to.
   */
  'keyspace'?: (string);
  /**
   * Whose keys they are; empty where the keyspace has no tenants.
   */
  'tenant'?: (string);
  /**
   * 1 to the configured batch of the origin, of distinct keys. All or none are to be stored.
   */
  'changes'?: (_ringside_v1_StoredChange)[];
}

/**
 * Changes of one keyspace and tenant.
 */
export interface StoreRequest__Output {
  /**
   * The keyspace they belong to.
   */
  'keyspace': (string);
  /**
   * Whose keys they are; empty where the keyspace has no tenants.
   */
  'tenant': (string);
  /**
   * 1 to the configured batch of the origin, of distinct keys. All or none are to be stored.
   */
  'changes': (_ringside_v1_StoredChange__Output)[];
}
