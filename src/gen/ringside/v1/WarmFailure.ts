// Original file: proto/ringside/v1/admin.proto


/**
 * One key that could not be warmed.
 */
export interface WarmFailure {
  /**
   * The key.
   */
  'key'?: (string);
  /**
   * Why, as in `google.rpc.ErrorInfo`.
   */
  'reason'?: (string);
  /**
   * The same for people.
   */
  'message'?: (string);
}

/**
 * One key that could not be warmed.
 */
export interface WarmFailure__Output {
  /**
   * The key.
   */
  'key': (string);
  /**
   * Why, as in `google.rpc.ErrorInfo`.
   */
  'reason': (string);
  /**
   * The same for people.
   */
  'message': (string);
}
