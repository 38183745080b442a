// Original file: proto/ringside/v1/admin.proto


/**
 * What to empty.
 */
export interface FlushRequest {
  /**
   * The environment's name, typed out.
   */
  'environment'?: (string);
}

/**
 * What to empty.
 */
export interface FlushRequest__Output {
  /**
   * The environment's name, typed out.
   */
  'environment': (string);
}
