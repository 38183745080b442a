// Original file: proto/ringside/v1/admin.proto

import type { HotKey as _ringside_v1_HotKey, HotKey__Output as _ringside_v1_HotKey__Output } from '../../ringside/v1/HotKey.ts';

/**
 * The hottest first.
 */
export interface HotKeysResponse {
  /**
   * At most `limit`.
   */
  'keys'?: (_ringside_v1_HotKey)[];
}

/**
 * The hottest first.
 */
export interface HotKeysResponse__Output {
  /**
   * At most `limit`.
   */
  'keys': (_ringside_v1_HotKey__Output)[];
}
