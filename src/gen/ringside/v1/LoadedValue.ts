// Original file: proto/ringside/v1/origin.proto


/**
 * What the origin says about one key.
 */
export interface LoadedValue {
  /**
   * One of the keys that were asked for.
   */
  'key'?: (string);
  /**
   * False: there is no such value; `value` is then ignored.
   */
  'found'?: (boolean);
  /**
   * The value, opaque bytes.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * As in `SetRequest`: names under which the value can be invalidated together with others.
   */
  'tags'?: (string)[];
}

/**
 * What the origin says about one key.
 */
export interface LoadedValue__Output {
  /**
   * One of the keys that were asked for.
   */
  'key': (string);
  /**
   * False: there is no such value; `value` is then ignored.
   */
  'found': (boolean);
  /**
   * The value, opaque bytes.
   */
  'value': (Buffer);
  /**
   * As in `SetRequest`: names under which the value can be invalidated together with others.
   */
  'tags': (string)[];
}
