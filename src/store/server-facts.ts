/** What a server tells of itself now and then; `undefined` for what it does not tell, or where it sets no limit. */
export interface ServerFacts {
  readonly memoryBytes: number | undefined
  readonly memoryLimitBytes: number | undefined
  readonly fragmentationRatio: number | undefined
  readonly evictedKeys: number | undefined
  /** Keys in its tracking table, for all its clients, and how many that may hold. */
  readonly trackedKeys: number | undefined
  readonly trackedKeysLimit: number | undefined
  /** What an operator should know about the way it is set up, each as one sentence. */
  readonly warnings: readonly string[]
}

export const UNKNOWN_FACTS: ServerFacts = {
  memoryBytes: undefined,
  memoryLimitBytes: undefined,
  fragmentationRatio: undefined,
  evictedKeys: undefined,
  trackedKeys: undefined,
  trackedKeysLimit: undefined,
  warnings: [],
}

/** Beyond this share of its tracking table, a server is about to forget keys, and to say of each that it has changed. */
const NEARLY_FULL = 0.9

export function isTrackingNearlyFull({ trackedKeys = 0, trackedKeysLimit }: ServerFacts): boolean {
  return trackedKeysLimit !== undefined && trackedKeys >= NEARLY_FULL * trackedKeysLimit
}
