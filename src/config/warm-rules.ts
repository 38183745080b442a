import type { KeyspaceView } from './keyspace-view.ts'
import { ruleFor } from './rule.ts'
import { usesParameter } from './sql-parameter.ts'

const rule = ruleFor<KeyspaceView>()

/** What a keyspace that is warmed must have. */
export const warmRules = [
  rule(['origin', 'warm'], ({ origin, warm }, report) => {
    if (warm === undefined || origin !== undefined) return
    report(['warm'], 'needs an `origin` to load from; give one, or remove it')
  }),
  rule(['kind', 'warm'], ({ kind, warm }, report) => {
    if (warm === undefined || kind !== 'counter') return
    report(['warm'], 'is not for counters; remove it')
  }),
  rule(['target', 'warm'], ({ target, warm }, report) => {
    if (warm?.from !== 'query' || target?.type === undefined || target.warm !== undefined) return
    const mend = target.type === 'postgres' ? 'give it a `warm` statement, or use hot' : 'use hot'
    report(['warm', 'from'], `is query, but the origin cannot list its keys; ${mend}`)
  }),
  rule(['tenants', 'target', 'warm'], ({ tenants, target, warm }, report) => {
    if (warm?.from !== 'query' || tenants === 'none') return
    if (tenants === 'required') {
      report(['warm', 'from'], 'is query, for which somebody must name the tenants; list them in `tenants`, or use hot')
    } else if (target?.warm !== undefined && !usesParameter(target.warm, 3)) {
      report(['warm', 'from'], "is query, but the origin's `warm` does not use $3, the tenant; add that, or use hot")
    }
  }),
]
