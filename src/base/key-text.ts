/**
 * A key as it is looked up without being made into a string: its beginning, and the rest as it lies in a request. Both are
 * ASCII.
 */
export interface KeyText {
  readonly prefix: string
  /** Lent. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}
