// Original file: proto/ringside/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * One key to read.
 */
export interface GetRequest {
  /**
   * A configured keyspace.
   */
  'keyspace'?: (string);
  /**
   * 1 to 1,024 bytes of printable UTF-8, matching the keyspace's pattern if it has one.
   */
  'key'?: (string);
  /**
   * Whose key it is; empty where the keyspace has no tenants. Neither `:` nor `~`.
   */
  'tenant'?: (string);
  /**
   * Milliseconds: the oldest `as_of` that will do, counted back from now. Can only tighten the keyspace's own bound, a
   * larger one is clamped to it. 0 sees every acknowledged write. Absent: the keyspace's bound.
   */
  'max_staleness_ms'?: (number | string | Long);
  /**
   * The answer is to have at least this version, as seen in an earlier answer: read-your-writes, also from another pod.
   * A version more than a minute ahead of every version there is fails with INVALID_ARGUMENT.
   */
  'min_version'?: (number | string | Long);
  /**
   * Of an object (JSON or MessagePack, as the keyspace has it) answer only the members of these names, in the same encoding;
   * those that it does not have are left out. None = the whole value; at most 256. `INVALID_ARGUMENT` for a value that is
   * no object.
   */
  'fields'?: (string)[];
  '_max_staleness_ms'?: "max_staleness_ms";
  '_min_version'?: "min_version";
}

/**
 * One key to read.
 */
export interface GetRequest__Output {
  /**
   * A configured keyspace.
   */
  'keyspace': (string);
  /**
   * 1 to 1,024 bytes of printable UTF-8, matching the keyspace's pattern if it has one.
   */
  'key': (string);
  /**
   * Whose key it is; empty where the keyspace has no tenants. Neither `:` nor `~`.
   */
  'tenant': (string);
  /**
   * Milliseconds: the oldest `as_of` that will do, counted back from now. Can only tighten the keyspace's own bound, a
   * larger one is clamped to it. 0 sees every acknowledged write. Absent: the keyspace's bound.
   */
  'max_staleness_ms'?: (number);
  /**
   * The answer is to have at least this version, as seen in an earlier answer: read-your-writes, also from another pod.
   * A version more than a minute ahead of every version there is fails with INVALID_ARGUMENT.
   */
  'min_version'?: (number);
  /**
   * Of an object (JSON or MessagePack, as the keyspace has it) answer only the members of these names, in the same encoding;
   * those that it does not have are left out. None = the whole value; at most 256. `INVALID_ARGUMENT` for a value that is
   * no object.
   */
  'fields': (string)[];
  '_max_staleness_ms'?: "max_staleness_ms";
  '_min_version'?: "min_version";
}
