/** How big the world of a drill is, and what the sidecars in it are told. */
export interface WorldShape {
  readonly sidecars: number
  /** The most sidecars that may run, as they are told; as many as there are unless given. What that leaves over is lent by demand. */
  readonly fleet?: number
  readonly shards: number
  /** Replicas of each shard. The keyspace reads them where there are some. */
  readonly replicas: number
  /** Rows that the load asks for, all of which are cached when it begins. */
  readonly keys: number
  /** Exponent of Zipf's law, by which the load chooses among them; 0 = all alike. */
  readonly skew: number
  readonly valueBytes: number
  /** Near cache of each sidecar. */
  readonly nearBytes: number
  /** Most copies of a hot key; as by default unless given. */
  readonly maxCopies?: number
  readonly boundMs: number
  /** How stale an answer may be when there is no better one. */
  readonly degradedMs: number
  /** Loads that may run at once, over all sidecars together. */
  readonly originLimit: number
  /** Keys of one load at the most. */
  readonly batch: number
  /** What every load takes, so that many at once would show. */
  readonly loadMs: number
  /** The sidecars reach shards and database over roads that a drill can close. */
  readonly roads: boolean
}

export const USUAL_WORLD: WorldShape = {
  sidecars: 2,
  shards: 3,
  replicas: 0,
  keys: 2_000,
  skew: 0,
  valueBytes: 64,
  nearBytes: 160 * 1024,
  boundMs: 3_000,
  degradedMs: 60_000,
  originLimit: 16,
  batch: 500,
  loadMs: 5,
  roads: false,
}

/** The table of products has no more. */
export const MOST_KEYS = 100_000

/** For reports. */
export function describeWorld(shape: WorldShape): string {
  const { sidecars, shards, replicas, keys, skew, valueBytes, nearBytes, boundMs, originLimit, batch, loadMs } = shape
  const followed =
    replicas === 0 ? '' : `, each with ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} that may be read`
  const chosen = skew === 0 ? 'all as likely' : `by Zipf's law with exponent ${skew}`
  return [
    `${shards} shards (redis-server)${followed}, PostgreSQL, ${sidecars} sidecars. ${keys.toLocaleString('en')} keys, ${chosen}, with values of ${valueBytes} bytes;`,
    `near cache ${nearBytes / 1024} KiB in each sidecar; freshness bound ${boundMs / 1_000} s. Each load takes the database ${loadMs} ms, has at most ${batch} keys,`,
    `and takes one of ${originLimit} advisory locks, or raises.`,
  ].join('\n')
}
