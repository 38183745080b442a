// Original file: proto/ringside/v1/origin.proto

import type { LoadedValue as _ringside_v1_LoadedValue, LoadedValue__Output as _ringside_v1_LoadedValue__Output } from '../../ringside/v1/LoadedValue.ts';

/**
 * What the origin has, in any order.
 */
export interface LoadResponse {
  /**
   * At most one for each key that was asked for; a key without one does not exist.
   */
  'values'?: (_ringside_v1_LoadedValue)[];
}

/**
 * What the origin has, in any order.
 */
export interface LoadResponse__Output {
  /**
   * At most one for each key that was asked for; a key without one does not exist.
   */
  'values': (_ringside_v1_LoadedValue__Output)[];
}
