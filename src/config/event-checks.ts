import { nearest } from '../base/nearest.ts'
import type { TenantPolicy } from '../keyspace/policy.ts'
import type { Path } from './path.ts'
import type { Report } from './problem.ts'
import { ruleFor } from './rule.ts'
import type { EventRuleFields } from './sections/events.ts'

/** What the checks of a rule look at: its fields, and the keyspaces there are. */
export interface EventRuleView extends EventRuleFields {
  /** By name; `undefined` for tenants that are wrong. */
  readonly keyspaces: ReadonlyMap<string, TenantPolicy | undefined>
  /** That a source tells of. */
  readonly tables: readonly string[]
}

/** Of what a rule says of one key; what was wrong is absent. */
type KeyView = Partial<EventRuleFields['keys'][number]>

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
  rule(['keys'], ({ keys }, report) => {
    if (keys.length === 0) report(['keys'], 'is empty; name at least one key that the events outdate')
  }),
  rule(['keys', 'keyspaces'], ({ keys, keyspaces }, report) => {
    for (const [index, key] of keys.entries()) reportKey(key, keyspaces, ['keys', index], report)
  }),
]

function reportKey(key: KeyView, keyspaces: EventRuleView['keyspaces'], path: Path, report: Report): void {
  const { keyspace } = key
  if (keyspace === undefined) return
  if (!keyspaces.has(keyspace)) {
    const known = [...keyspaces.keys()]
    const meant = nearest(keyspace, known)
    const defined = known.length === 0 ? 'none is defined under `keyspaces`' : `defined: ${known.join(', ')}`
    const mend = meant === undefined ? defined : `did you mean \`${meant}\`?`
    report([...path, 'keyspace'], `names a keyspace that is not defined; ${mend}`)
    return
  }
  const tenants = keyspaces.get(keyspace)
  if (tenants === undefined || !('tenant' in key)) return
  if (tenants === 'none' && key.tenant !== undefined) {
    report([...path, 'tenant'], `is given, but keyspace ${keyspace} has no tenants; remove it`)
  }
  if (tenants !== 'none' && tenants !== 'optional' && key.tenant === undefined) {
    report([...path, 'tenant'], `is missing; keyspace ${keyspace} requires one, such as "{tenant}"`)
  }
}
