// Original file: proto/ringside/v1/cache.proto


/**
 * The failure of one request of a batch.
 */
export interface BatchGetError {
  /**
   * The gRPC status code with which `Get` would have failed, such as 3 for `INVALID_ARGUMENT`.
   */
  'code'?: (number);
  /**
   * The stable reason, such as `KEY_INVALID`.
   */
  'reason'?: (string);
  /**
   * For people: the field, the problem and the mend.
   */
  'message'?: (string);
}

/**
 * The failure of one request of a batch.
 */
export interface BatchGetError__Output {
  /**
   * The gRPC status code with which `Get` would have failed, such as 3 for `INVALID_ARGUMENT`.
   */
  'code': (number);
  /**
   * The stable reason, such as `KEY_INVALID`.
   */
  'reason': (string);
  /**
   * For people: the field, the problem and the mend.
   */
  'message': (string);
}
