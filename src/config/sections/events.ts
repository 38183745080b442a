import { z } from 'zod'
import type { EventRule } from '../../events/event-rule.ts'
import { USUAL_OUTBOX } from '../../events/outbox-sql.ts'
import { parseTemplate, TEMPLATE_ADVICE, type Template } from '../../events/template.ts'
import { postgresUrl } from '../endpoints.ts'
import { maskUrl } from '../mask-url.ts'
import type { Path } from '../path.ts'
import { entryName, name, scalar, text } from '../scalars.ts'

const IDENTIFIER = '[a-z_][a-z0-9_]{0,50}'
const OUTBOX_TABLE = new RegExp(`^(?:${IDENTIFIER}\\.)?${IDENTIFIER}$`)
const OUTBOX_CHANNEL = new RegExp(`^${IDENTIFIER}$`)

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
  channel: text('the name of a channel in lower case, such as ringside_outbox', {}, (channel) =>
    OUTBOX_CHANNEL.test(channel),
  )
    .prefault(USUAL_OUTBOX.channel)
    .describe('The channel on which `NOTIFY` tells of new rows.'),
})

const sourceFields = z.discriminatedUnion('type', [outboxFields])

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

const ruleFields = z.strictObject({
  on: text('the type of an event', {}, (type) => type !== '')
    .optional()
    .describe('Type of the events it is about, as an outbox tells it.'),
  keys: z.array(keyFields).prefault([]).describe('Keys that the event outdates.'),
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

export type EventSourceConfig = OutboxSourceConfig

export interface EventsConfig {
  readonly sources: readonly EventSourceConfig[]
  readonly rules: readonly EventRule[]
}

export function eventsConfig(fields: EventsFields, maskedAt: (path: Path) => string | undefined): EventsConfig {
  const sources = Object.entries(fields.sources).map(([name, { type, url, table, channel }]) => {
    const urlShown = maskUrl(maskedAt(['events', 'sources', name, 'url']) ?? url)
    return { type, name, url, urlShown, table: table.includes('.') ? table : `public.${table}`, channel }
  })
  return { sources, rules: fields.rules.map(ruleConfig) }
}

function ruleConfig({ on = '', keys }: EventRuleFields): EventRule {
  return { match: { on }, keys: keys.map(({ keyspace, key, tenant }) => ({ keyspace, key, tenant })) }
}

export function describeEvents({ sources, rules }: EventsConfig): object {
  return {
    sources: Object.fromEntries(sources.map((source) => [source.name, describeSource(source)])),
    rules: rules.map(describeRule),
  }
}

function describeSource({ type, urlShown: url, table, channel }: EventSourceConfig): object {
  return { type, url, table, channel }
}

function describeRule({ match, keys }: EventRule): object {
  return {
    ...match,
    keys: keys.map(({ keyspace, key, tenant }) => ({
      keyspace,
      key: key.text,
      ...(tenant === undefined ? {} : { tenant: tenant.text }),
    })),
  }
}
