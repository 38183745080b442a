// Original file: proto/ringside/v1/lock.proto


/**
 * One held lock.
 */
export interface ReleaseRequest {
  /**
   * As in `AcquireRequest`.
   */
  'name'?: (string);
  /**
   * As in `AcquireRequest`.
   */
  'tenant'?: (string);
  /**
   * From `AcquireResponse`.
   */
  'lock_token'?: (string);
}

/**
 * One held lock.
 */
export interface ReleaseRequest__Output {
  /**
   * As in `AcquireRequest`.
   */
  'name': (string);
  /**
   * As in `AcquireRequest`.
   */
  'tenant': (string);
  /**
   * From `AcquireResponse`.
   */
  'lock_token': (string);
}
