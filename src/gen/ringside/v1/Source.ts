// Original file: proto/ringside/v1/cache.proto

/**
 * Where an answer came from.
 */
export const Source = {
  /**
   * Never sent.
   */
  SOURCE_UNSPECIFIED: 'SOURCE_UNSPECIFIED',
  /**
   * The sidecar's own memory.
   */
  SOURCE_NEAR: 'SOURCE_NEAR',
  /**
   * An extra copy of a hot key on another shard.
   */
  SOURCE_COPY: 'SOURCE_COPY',
  /**
   * A replica of the key's home shard.
   */
  SOURCE_REPLICA: 'SOURCE_REPLICA',
  /**
   * The primary of the key's home shard.
   */
  SOURCE_PRIMARY: 'SOURCE_PRIMARY',
  /**
   * The origin: a database or the application itself.
   */
  SOURCE_ORIGIN: 'SOURCE_ORIGIN',
} as const;

/**
 * Where an answer came from.
 */
export type Source =
  /**
   * Never sent.
   */
  | 'SOURCE_UNSPECIFIED'
  | 0
  /**
   * The sidecar's own memory.
   */
  | 'SOURCE_NEAR'
  | 1
  /**
   * An extra copy of a hot key on another shard.
   */
  | 'SOURCE_COPY'
  | 2
  /**
   * A replica of the key's home shard.
   */
  | 'SOURCE_REPLICA'
  | 3
  /**
   * The primary of the key's home shard.
   */
  | 'SOURCE_PRIMARY'
  | 4
  /**
   * The origin: a database or the application itself.
   */
  | 'SOURCE_ORIGIN'
  | 5

/**
 * Where an answer came from.
 */
export type Source__Output = typeof Source[keyof typeof Source]
