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

export interface TagTemplate {
  readonly keyspace: string
  readonly tag: Template
  /** `undefined` = none. */
  readonly tenant: Template | undefined
}

/** What an event outdates, as plain data. */
export interface EventRule {
  readonly match: EventMatch
  readonly keys: readonly KeyTemplate[]
  readonly tags: readonly TagTemplate[]
  /** Keyspaces that it outdates as a whole. */
  readonly keyspaces: readonly string[]
}

/** All templates by which a rule names what is outdated. */
export function templatesOf({ keys, tags }: Pick<EventRule, 'keys' | 'tags'>): readonly Template[] {
  const owners = [...keys, ...tags].flatMap(({ tenant }) => (tenant === undefined ? [] : [tenant]))
  return [...keys.map(({ key }) => key), ...tags.map(({ tag }) => tag), ...owners]
}

/** All keyspaces in which a rule can outdate anything. */
export function keyspacesOf({
  keys,
  tags,
  keyspaces,
}: Pick<EventRule, 'keys' | 'tags' | 'keyspaces'>): readonly string[] {
  return [...new Set([...keys, ...tags].map(({ keyspace }) => keyspace).concat(keyspaces))]
}
