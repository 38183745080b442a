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
}

/** Of what a rule says of one key; what was wrong is absent. */
type KeyView = Partial<EventRuleFields['keys'][number]>

const rule = ruleFor<EventRuleView>()

export const eventChecks = [
  rule(['on'], ({ on }, report) => {
    if (on === undefined) report(['on'], 'is missing; write the type of the events it is about')
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
