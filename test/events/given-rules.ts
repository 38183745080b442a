import type { EventMatch, EventRule, KeyTemplate, TagTemplate } from '../../src/events/event-rule.ts'
import { EventRules } from '../../src/events/event-rules.ts'
import { parseTemplate, type Template } from '../../src/events/template.ts'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { configOf, EMBEDDED } from '../config/loading.ts'

export function template(text: string): Template {
  const result = parseTemplate(text)
  if (!result.ok) throw new Error(result.why)
  return result.value
}

export function keyTemplate(keyspace: string, key: string, tenant?: string): KeyTemplate {
  return { keyspace, key: template(key), tenant: tenant === undefined ? undefined : template(tenant) }
}

export function tagTemplate(keyspace: string, tag: string, tenant?: string): TagTemplate {
  return { keyspace, tag: template(tag), tenant: tenant === undefined ? undefined : template(tenant) }
}

export function ruleOf(match: EventMatch, ...keys: readonly KeyTemplate[]): EventRule {
  return { match, keys, tags: [], keyspaces: [] }
}

/** Rules over keyspaces `product` (keys of digits), `listing` (anything) and `session` (with tenants). */
export function rulesOf(...rules: readonly EventRule[]): EventRules {
  const { env, keyspaces } = configOf(`${EMBEDDED}keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 1m, key: '[0-9]+' }
  listing: { consistency: bounded, maxStaleness: 5s, ttl: 1m }
  session: { consistency: bounded, maxStaleness: 5s, ttl: 1m, tenants: required }`)
  return new EventRules(rules, new Keyspaces({ env, policies: keyspaces }))
}
