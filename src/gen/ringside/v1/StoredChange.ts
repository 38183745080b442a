// Original file: proto/ringside/v1/origin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One change.
 */
export interface StoredChange {
  /**
   * The key that changes.
   */
  'key'?: (string);
  /**
   * The new value, opaque bytes.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * True: the value is to be deleted.
   */
  'delete'?: (boolean);
  /**
   * Grows per key: ignore a change whose version is not larger than the one already stored. 0 = unguarded.
   */
  'version'?: (number | string | Long);
  /**
   * Exactly one of them is set.
   */
  'change'?: "value"|"delete";
}

/**
 * One change.
 */
export interface StoredChange__Output {
  /**
   * The key that changes.
   */
  'key': (string);
  /**
   * The new value, opaque bytes.
   */
  'value'?: (Buffer);
  /**
   * True: the value is to be deleted.
   */
  'delete'?: (boolean);
  /**
   * Grows per key: ignore a change whose version is not larger than the one already stored. 0 = unguarded.
   */
  'version': (number);
  /**
   * Exactly one of them is set.
   */
  'change'?: "value"|"delete";
}
