/** By what values can be made smaller before they are stored. */
export const COMPRESSION_ALGORITHMS = ['deflate', 'brotli'] as const
export type CompressionAlgorithm = (typeof COMPRESSION_ALGORITHMS)[number]

/** Which values of a keyspace are compressed before they are stored, and how. */
export interface Compression {
  readonly algorithm: CompressionAlgorithm
  /** Only values of more bytes than this. */
  readonly aboveBytes: number
}
