import type { JournalStats } from './journal/journal.ts'
import type { ServerFacts } from './server-facts.ts'

export interface ShardStats {
  readonly reads: number
  /** Entries of an unknown format, read as misses. */
  readonly malformed: number
  readonly server: ServerFacts
  /** New epochs that this sidecar has seen begin. */
  readonly epochs: number
  /** Changes of keys can be heard of. */
  readonly trackingUp: boolean
  /** How far behind each replica is at most; `undefined` for one that cannot be asked. */
  readonly replicas: readonly { readonly name: string; readonly lagMs: number | undefined }[]
  /**
   * Failures by kind: `timeout`, `connection`, `breaker`, `overload`, `journal` (it has to be replayed first) or the
   * server's own error word, such as `OOM`.
   */
  readonly errors: ReadonlyMap<string, number>
  /** `undefined` where none is kept. */
  readonly journal: JournalStats | undefined
}

export type ShardState =
  | { readonly up: true; readonly warnings: readonly string[] }
  | { readonly up: false; readonly why: string }
