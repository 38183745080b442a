import type { Fields } from './template.ts'

/** Something that an application said has happened. */
export interface DomainEvent {
  readonly kind: 'domain'
  readonly type: string
  readonly fields: Fields
}

/** A change of one row. Values are the database's own text, `null` for NULL; a column that was not sent is absent. */
export interface RowEvent {
  readonly kind: 'row'
  /** With its schema, such as `public.products`. */
  readonly table: string
  /** `undefined` for a row that is new, and where the database told nothing of it. */
  readonly before: Fields | undefined
  /** Of `before`, all columns are known and not only those that identify the row. */
  readonly isBeforeWhole: boolean
  /** `undefined` for a row that is gone. */
  readonly after: Fields | undefined
}

/** All rows of a table are gone. */
export interface TruncateEvent {
  readonly kind: 'truncate'
  readonly table: string
}

/** What came was no event. */
export interface BrokenEvent {
  readonly kind: 'broken'
  /** The end of a sentence, without values. */
  readonly why: string
}

export type SourceEvent = DomainEvent | RowEvent | TruncateEvent | BrokenEvent
