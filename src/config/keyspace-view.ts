import type { KeyspaceFields } from './sections/keyspaces.ts'

/** What a rule about a keyspace may look at: its fields, and what stands elsewhere in the configuration. */
export interface KeyspaceView extends Omit<KeyspaceFields, 'degraded' | 'hot' | 'replicas' | 'writes' | 'warm'> {
  /** May lack what was wrong in it, as may `hot` and `target`. */
  readonly degraded: Partial<KeyspaceFields['degraded']>
  readonly hot: Partial<KeyspaceFields['hot']>
  readonly replicas: Partial<KeyspaceFields['replicas']>
  readonly writes: Partial<NonNullable<KeyspaceFields['writes']>> | undefined
  readonly warm: Partial<NonNullable<KeyspaceFields['warm']>> | undefined
  readonly topology: string
  /** Milliseconds. */
  readonly heartbeat: number
  /** Milliseconds. */
  readonly leaseTtl: number
  readonly originNames: readonly string[]
  /** The origin that `origin` names; `undefined` if there is none. */
  readonly target: OriginView | undefined
}

export interface OriginView {
  readonly type?: 'postgres' | 'grpc' | 'file'
  readonly load?: string
  readonly encoding?: 'json' | 'msgpack'
  readonly store?: string
  readonly delete?: string
  readonly warm?: string
  /** Milliseconds. */
  readonly lag?: number
  /** Milliseconds. */
  readonly timeout?: number
}
