/** One tag of a stored value, and what its validity hangs on. */
export interface TagRef {
  /** As the application names it. */
  readonly tag: string
  /** The life of the tag's shard whose clock tells `sinceUs`. */
  readonly epoch: number
  /**
   * On the clock of the tag's shard, in µs: no later than when the load began that brought the value. An invalidation of
   * the tag at that moment or after it overtakes the value.
   */
  readonly sinceUs: number
}
