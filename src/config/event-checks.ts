import { nearest } from '../base/nearest.ts'
import type { TenantPolicy } from '../keyspace/policy.ts'
import type { Path } from './path.ts'
import type { Report } from './problem.ts'
import { ruleFor } from './rule.ts'
import type { EventRuleFields } from './sections/events.ts'

/** What the checks of a rule look at: its fields, and the keyspaces there are. */
export interface EventRuleView extends EventRuleFields {
  /** By name; `undefined` for tenants that are wrong. */
  readonly defined: ReadonlyMap<string, TenantPolicy | undefined>
  /** That a source tells of. */
  readonly tables: readonly string[]
}

/** Of what a rule says of one key or tag; what was wrong is absent. */
type OwnedView = Partial<Pick<EventRuleFields['keys'][number], 'keyspace' | 'tenant'>>

const rule = ruleFor<EventRuleView>()

export const eventChecks = [
  rule(['on', 'table'], ({ on, table }, report) => {
    if (on === undefined && table === undefined)
      report([], 'is about nothing; write `on`, the type of its events, or `table`')
    if (on !== undefined && table !== undefined) report(['on'], 'goes with no `table`; write two rules')
  }),
  rule(['on', 'table', 'columns'], ({ table, columns }, report) => {
    if (columns === undefined) return
    if (table === undefined) report(['columns'], 'belongs to `table`; remove it')
    if (columns.length === 0) report(['columns'], 'is empty, so that no update is meant; name columns or remove it')
  }),
  rule(['table', 'tables'], ({ table, tables }, report) => {
    if (table === undefined || tables.includes(table)) return
    const meant = nearest(table, tables)
    const told =
      tables.length === 0 ? 'no source of type postgres-replication has any' : `told are: ${tables.join(', ')}`
    report(['table'], `is told of by no source; ${meant === undefined ? told : `did you mean \`${meant}\`?`}`)
  }),
  rule(['keys', 'tags', 'keyspaces'], ({ keys, tags, keyspaces }, report) => {
    if (keys.length + tags.length + keyspaces.length > 0) return
    report([], 'outdates nothing; name at least one of `keys`, `tags` and `keyspaces`')
  }),
  rule(['keys', 'defined'], ({ keys, defined }, report) => {
    for (const [index, key] of keys.entries()) reportOwned(key, defined, ['keys', index], report)
  }),
  rule(['tags', 'defined'], ({ tags, defined }, report) => {
    for (const [index, tag] of tags.entries()) reportOwned(tag, defined, ['tags', index], report)
  }),
  rule(['keyspaces', 'defined'], ({ keyspaces, defined }, report) => {
    for (const [index, name] of keyspaces.entries()) reportUndefined(name, defined, ['keyspaces', index], report)
  }),
]

function reportOwned(owned: OwnedView, defined: EventRuleView['defined'], path: Path, report: Report): void {
  const { keyspace } = owned
  if (keyspace === undefined || reportUndefined(keyspace, defined, [...path, 'keyspace'], report)) return
  const tenants = defined.get(keyspace)
  if (tenants === undefined || !('tenant' in owned)) return
  if (tenants === 'none' && owned.tenant !== undefined) {
    report([...path, 'tenant'], `is given, but keyspace ${keyspace} has no tenants; remove it`)
  }
  if (tenants !== 'none' && tenants !== 'optional' && owned.tenant === undefined) {
    report([...path, 'tenant'], `is missing; keyspace ${keyspace} requires one, such as "{tenant}"`)
  }
}

/** Whether there is no such keyspace. */
function reportUndefined(keyspace: string, defined: EventRuleView['defined'], path: Path, report: Report): boolean {
  if (defined.has(keyspace)) return false
  const known = [...defined.keys()]
  const meant = nearest(keyspace, known)
  const told = known.length === 0 ? 'none is defined under `keyspaces`' : `defined: ${known.join(', ')}`
  report(path, `names a keyspace that is not defined; ${meant === undefined ? told : `did you mean \`${meant}\`?`}`)
  return true
}
