// Original file: proto/ringside/v1/lock.proto


/**
 * The lock is not held by this token any more.
 */
export interface ReleaseResponse {
  /**
   * False: it had already fallen.
   */
  'released'?: (boolean);
}

/**
 * The lock is not held by this token any more.
 */
export interface ReleaseResponse__Output {
  /**
   * False: it had already fallen.
   */
  'released': (boolean);
}
