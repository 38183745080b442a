// Original file: proto/ringside/v1/cache.proto

import type { Outcome as _ringside_v1_Outcome, Outcome__Output as _ringside_v1_Outcome__Output } from '../../ringside/v1/Outcome.ts';
import type { Source as _ringside_v1_Source, Source__Output as _ringside_v1_Source__Output } from '../../ringside/v1/Source.ts';
import type { Lease as _ringside_v1_Lease, Lease__Output as _ringside_v1_Lease__Output } from '../../ringside/v1/Lease.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * The answer to one read. Nothing is ever silently stale: `as_of_unix_ms` and `degraded` tell.
 */
export interface GetResponse {
  /**
   * What was found.
   */
  'outcome'?: (_ringside_v1_Outcome);
  /**
   * The value's bytes as they were stored; empty unless found.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * Where the answer came from.
   */
  'source'?: (_ringside_v1_Source);
  /**
   * Grows with every change of the key, below 2^53; 0 for a miss and for an answer that was never stored.
   */
  'version'?: (number | string | Long);
  /**
   * Unix milliseconds by the sidecar's clock: the latest instant at which the answer is known to have been current.
   */
  'as_of_unix_ms'?: (number | string | Long);
  /**
   * Milliseconds since the value was loaded from its origin or set; 0 for a miss.
   */
  'age_ms'?: (number | string | Long);
  /**
   * Outside the freshness guarantee: older than the bound, or of unknown age.
   */
  'degraded'?: (boolean);
  /**
   * The right to fill the key by `Set`: only with a miss, and only if no other caller holds it. A miss without a lease
   * means: load for yourself, and do not `Set`.
   */
  'lease'?: (_ringside_v1_Lease | null);
}

/**
 * The answer to one read. Nothing is ever silently stale: `as_of_unix_ms` and `degraded` tell.
 */
export interface GetResponse__Output {
  /**
   * What was found.
   */
  'outcome': (_ringside_v1_Outcome__Output);
  /**
   * The value's bytes as they were stored; empty unless found.
   */
  'value': (Buffer);
  /**
   * Where the answer came from.
   */
  'source': (_ringside_v1_Source__Output);
  /**
   * Grows with every change of the key, below 2^53; 0 for a miss and for an answer that was never stored.
   */
  'version': (number);
  /**
   * Unix milliseconds by the sidecar's clock: the latest instant at which the answer is known to have been current.
   */
  'as_of_unix_ms': (number);
  /**
   * Milliseconds since the value was loaded from its origin or set; 0 for a miss.
   */
  'age_ms': (number);
  /**
   * Outside the freshness guarantee: older than the bound, or of unknown age.
   */
  'degraded': (boolean);
  /**
   * The right to fill the key by `Set`: only with a miss, and only if no other caller holds it. A miss without a lease
   * means: load for yourself, and do not `Set`.
   */
  'lease': (_ringside_v1_Lease__Output | null);
}
