// Original file: proto/ringside/v1/origin.proto

import type { LoadedValue as _ringside_v1_LoadedValue, LoadedValue__Output as _ringside_v1_LoadedValue__Output } from '../../ringside/v1/LoadedValue.ts';

/**
 * What the origin has, in any order.
 */
export interface LoadResponse {
  /**
   * Exactly one for each key that was asked for. A key without one is an error for that key: an omission is never taken
   * for "not found".
   */
  'values'?: (_ringside_v1_LoadedValue)[];
}

/**
 * What the origin has, in any order.
 */
export interface LoadResponse__Output {
  /**
   * Exactly one for each key that was asked for. A key without one is an error for that key: an omission is never taken
   * for "not found".
   */
  'values': (_ringside_v1_LoadedValue__Output)[];
}
