// Original file: proto/ringside/v1/admin.proto


/**
 * What to empty.
 */
export interface FlushRequest {
  /**
   * The environment's name, typed out.
   */
  'environment'?: (string);
  /**
   * Keys per second at most; 0 = as many as the sidecar takes for what the origins bear.
   */
  'keys_per_second'?: (number);
}

/**
 * What to empty.
 */
export interface FlushRequest__Output {
  /**
   * The environment's name, typed out.
   */
  'environment': (string);
  /**
   * Keys per second at most; 0 = as many as the sidecar takes for what the origins bear.
   */
  'keys_per_second': (number);
}
