/** Whether the sidecar can do its work, as `/readyz` shows it. */
export interface Readiness {
  readonly ready: boolean
  /** Whether it has begun to serve, be it ready or not: what holds an app back that is to find it there. */
  readonly started: boolean
  /** Why it is not, or what is wrong though it is; for people. */
  readonly reasons: readonly string[]
  /** The state of the parts, such as each shard's; anything that JSON holds, never a value or a secret. */
  readonly details: Readonly<Record<string, unknown>>
}
