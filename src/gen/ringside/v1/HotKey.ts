// Original file: proto/ringside/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

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
   * Reads per second in the whole fleet, of any kind, near hits included; an estimate over the last seconds.
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
  /**
   * Reads per second that went on to the shared tier, to the key or one of its copies, in the whole fleet.
   */
  'shard_reads_per_second'?: (number | string);
  /**
   * Changes per second in the whole fleet.
   */
  'writes_per_second'?: (number | string);
  /**
   * Since when it has copies; 0 while it has none.
   */
  'copied_since_unix_ms'?: (number | string | Long);
  /**
   * What this sidecar has counted itself: reads per second.
   */
  'own_reads_per_second'?: (number | string);
  /**
   * Those that went on to the shared tier.
   */
  'own_shard_reads_per_second'?: (number | string);
  /**
   * Changes per second.
   */
  'own_writes_per_second'?: (number | string);
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
   * Reads per second in the whole fleet, of any kind, near hits included; an estimate over the last seconds.
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
  /**
   * Reads per second that went on to the shared tier, to the key or one of its copies, in the whole fleet.
   */
  'shard_reads_per_second': (number);
  /**
   * Changes per second in the whole fleet.
   */
  'writes_per_second': (number);
  /**
   * Since when it has copies; 0 while it has none.
   */
  'copied_since_unix_ms': (number);
  /**
   * What this sidecar has counted itself: reads per second.
   */
  'own_reads_per_second': (number);
  /**
   * Those that went on to the shared tier.
   */
  'own_shard_reads_per_second': (number);
  /**
   * Changes per second.
   */
  'own_writes_per_second': (number);
}
