import type { Template } from './template.ts'

/** What an event is told by. */
export type EventMatch =
  | { readonly on: string }
  /** Changes of the table's rows; with `columns`, of an update only one that touches any of them. */
  | { readonly table: string; readonly columns: readonly string[] | undefined }

export interface KeyTemplate {
  readonly keyspace: string
  readonly key: Template
  /** `undefined` = none. */
  readonly tenant: Template | undefined
}

/** Which keys an event outdates, as plain data. */
export interface EventRule {
  readonly match: EventMatch
  readonly keys: readonly KeyTemplate[]
}
