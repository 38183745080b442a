import { z } from 'zod'
import { type EventRule, templatesOf } from '../../events/event-rule.ts'
import { USUAL_OUTBOX } from '../../events/outbox-sql.ts'
import { columnsOf, parseTemplate, TEMPLATE_ADVICE, type Template } from '../../events/template.ts'
import { postgresUrl, redisUrl } from '../endpoints.ts'
import { maskUrl } from '../mask-url.ts'
import type { Path } from '../path.ts'
import { entryName, name, scalar, text } from '../scalars.ts'

const IDENTIFIER = '[a-z_][a-z0-9_]{0,50}'
const OUTBOX_TABLE = new RegExp(`^(?:${IDENTIFIER}\\.)?${IDENTIFIER}$`)
const NAME = new RegExp(`^${IDENTIFIER}$`)

const outboxFields = z.strictObject({
  type: z.literal('postgres-outbox').describe('A table into which transactions write their events.'),
  url: postgresUrl().describe(
    'Where the database is, without a pooler in between. Keep its password in an environment variable.',
  ),
  table: text('the name of a table in lower case, such as ringside_outbox or app.ringside_outbox', {}, (table) =>
    OUTBOX_TABLE.test(table),
  )
    .prefault('ringside_outbox')
    .describe(
      'The table; in schema `public` unless it says another. Its set-aside events are in the table of that name and `_dead`.',
    ),
  channel: text('the name of a channel in lower case, such as ringside_outbox', {}, (channel) => NAME.test(channel))
    .prefault(USUAL_OUTBOX.channel)
    .describe('The channel on which `NOTIFY` tells of new rows.'),
})

const replicationFields = z.strictObject({
  type: z.literal('postgres-replication').describe('Changes of rows, as the database writes them to its log.'),
  url: postgresUrl().describe('Where the primary of the database is, without a pooler in between.'),
  slot: text('the name of a replication slot: up to 50 of a-z 0-9 _', {}, (slot) =>
    /^[a-z0-9_]{1,50}$/.test(slot),
  ).describe('The replication slot, which keeps the position: one for each environment.'),
  publication: text('the name of a publication in lower case, such as ringside', {}, (publication) =>
    NAME.test(publication),
  )
    .prefault('ringside')
    .describe('The publication that tells of the tables; made if it is missing.'),
  tables: z.array(tableName()).describe('Tables whose changes are told, such as public.products.'),
})

const streamFields = z.strictObject({
  type: z.literal('redis-stream').describe('A stream of a single Redis server.'),
  url: redisUrl().describe('Where the server is. Keep its password in an environment variable.'),
  stream: text('the key of a stream', {}, (stream) => stream !== '').describe('The key of the stream.'),
  group: name().prefault('ringside').describe('The consumer group, of Ringside alone: one for each environment.'),
})

const sourceFields = z.discriminatedUnion('type', [outboxFields, replicationFields, streamFields])

function tableName(): z.ZodType<string, unknown> {
  return text('the name of a table with its schema, such as public.products', {}, (table) =>
    /^[^.\s]+\.[^.\s]+$/.test(table),
  )
}

function template(): z.ZodType<Template, unknown> {
  return scalar(TEMPLATE_ADVICE, { type: 'string' }, (input) =>
    typeof input === 'string' ? parseTemplate(input) : { ok: false, why: `must be ${TEMPLATE_ADVICE}` },
  )
}

const keyFields = z.strictObject({
  keyspace: name().describe('Keyspace of the key.'),
  key: template().describe('The key, with fields of the event in braces.'),
  tenant: template().optional().describe('Its tenant, with fields of the event in braces.'),
})

const tagFields = z.strictObject({
  keyspace: name().describe('Keyspace of the tag.'),
  tag: template().describe('The tag, with fields of the event in braces.'),
  tenant: template().optional().describe('Its tenant, with fields of the event in braces.'),
})

const ruleFields = z.strictObject({
  on: text('the type of an event', {}, (type) => type !== '')
    .optional()
    .describe('Type of the events it is about, as an outbox or a stream tells it.'),
  table: tableName().optional().describe('The table whose changed rows it is about.'),
  columns: z
    .array(text('the name of a column', {}, (column) => column !== ''))
    .optional()
    .describe('Only updates that touch any of these columns are meant, as far as that is known.'),
  keys: z.array(keyFields).prefault([]).describe('Keys that the event outdates.'),
  tags: z.array(tagFields).prefault([]).describe('Tags that it outdates, with all keys that carry them.'),
  keyspaces: z
    .array(name())
    .prefault([])
    .describe('Keyspaces that it outdates as a whole: each moves to its next version.'),
})

export const eventsSection = z.strictObject({
  sources: z.record(entryName(), sourceFields).prefault({}).describe('Where events come from, by name.'),
  rules: z.array(ruleFields).prefault([]).describe('What events outdate.'),
})

export type EventsFields = z.output<typeof eventsSection>
export type EventRuleFields = z.output<typeof ruleFields>

export interface OutboxSourceConfig {
  readonly type: 'postgres-outbox'
  readonly name: string
  readonly url: string
  /** The URL without secrets: for logs and messages. */
  readonly urlShown: string
  /** With its schema. */
  readonly table: string
  readonly channel: string
}

export interface ReplicationSourceConfig {
  readonly type: 'postgres-replication'
  readonly name: string
  readonly url: string
  /** The URL without secrets: for logs and messages. */
  readonly urlShown: string
  readonly slot: string
  readonly publication: string
  readonly tables: readonly string[]
  /** Columns that rules make keys of, by table. */
  readonly columns: ReadonlyMap<string, readonly string[]>
}

export interface StreamSourceConfig {
  readonly type: 'redis-stream'
  readonly name: string
  readonly url: string
  /** The URL without secrets: for logs and messages. */
  readonly urlShown: string
  readonly stream: string
  readonly group: string
}

export type EventSourceConfig = OutboxSourceConfig | ReplicationSourceConfig | StreamSourceConfig

export interface EventsConfig {
  readonly sources: readonly EventSourceConfig[]
  readonly rules: readonly EventRule[]
}

export function eventsConfig(fields: EventsFields, maskedAt: (path: Path) => string | undefined): EventsConfig {
  const rules = fields.rules.map(ruleConfig)
  const sources = Object.entries(fields.sources).map(([name, source]) => {
    const urlShown = maskUrl(maskedAt(['events', 'sources', name, 'url']) ?? source.url)
    return sourceConfig({ name, urlShown }, source, rules)
  })
  return { sources, rules }
}

function sourceConfig(
  common: { readonly name: string; readonly urlShown: string },
  source: EventsFields['sources'][string],
  rules: readonly EventRule[],
): EventSourceConfig {
  switch (source.type) {
    case 'postgres-outbox':
      return { ...common, ...source, table: source.table.includes('.') ? source.table : `public.${source.table}` }
    case 'redis-stream':
      return { ...common, ...source }
    case 'postgres-replication':
      return { ...common, ...source, columns: new Map(source.tables.map((table) => [table, columnsIn(rules, table)])) }
  }
}

function columnsIn(rules: readonly EventRule[], table: string): readonly string[] {
  const about = rules.filter(({ match }) => 'table' in match && match.table === table)
  return [...new Set(about.flatMap(templatesOf).flatMap(columnsOf))]
}

function ruleConfig({ on, table = '', columns, keys, tags, keyspaces }: EventRuleFields): EventRule {
  return {
    match: on === undefined ? { table, columns } : { on },
    keys: keys.map(({ keyspace, key, tenant }) => ({ keyspace, key, tenant })),
    tags: tags.map(({ keyspace, tag, tenant }) => ({ keyspace, tag, tenant })),
    keyspaces,
  }
}

export function describeEvents({ sources, rules }: EventsConfig): object {
  return {
    sources: Object.fromEntries(sources.map((source) => [source.name, describeSource(source)])),
    rules: rules.map(describeRule),
  }
}

function describeSource(source: EventSourceConfig): object {
  const { type, urlShown: url } = source
  switch (source.type) {
    case 'postgres-outbox':
      return { type, url, table: source.table, channel: source.channel }
    case 'postgres-replication':
      return { type, url, slot: source.slot, publication: source.publication, tables: source.tables }
    case 'redis-stream':
      return { type, url, stream: source.stream, group: source.group }
  }
}

function describeRule({ match, keys, tags, keyspaces }: EventRule): object {
  const { on, table, columns } = match as { on?: string; table?: string; columns?: readonly string[] }
  return {
    ...(on === undefined ? { table } : { on }),
    ...(columns === undefined ? {} : { columns }),
    keys: keys.map(({ keyspace, key, tenant }) => ({ keyspace, key: key.text, ...describeTenant(tenant) })),
    tags: tags.map(({ keyspace, tag, tenant }) => ({ keyspace, tag: tag.text, ...describeTenant(tenant) })),
    keyspaces,
  }
}

function describeTenant(tenant: Template | undefined): object {
  return tenant === undefined ? {} : { tenant: tenant.text }
}
