import type { KeyspaceView } from './keyspace-view.ts'
import { ruleFor } from './rule.ts'
import { usesParameter } from './sql-parameter.ts'

const rule = ruleFor<KeyspaceView>()

/** What a keyspace whose origin hears of changes later must have said and be able to. */
export const behindRules = [
  rule(['writes', 'consistency'], ({ writes, consistency }, report) => {
    if (writes?.strategy !== 'write-behind' || consistency === 'tolerant') return
    const why = 'its origin is behind what was acknowledged, and a failover may forget some of that'
    report(['consistency'], `must be tolerant for a keyspace with write-behind: ${why}`)
  }),
  rule(['writes'], ({ writes }, report) => {
    if (writes?.strategy !== 'write-behind' || writes.acceptLoss === true) return
    const why = 'what a shard has not replicated when it fails is lost; where nothing may be, use write-through'
    report(['writes', 'acceptLoss'], `must be true for write-behind: ${why}`)
  }),
  rule(['writes', 'topology'], ({ writes, topology }, report) => {
    if (writes?.strategy !== 'write-behind' || topology !== 'cluster') return
    const why = 'a change and its place in the backlog are one step, but lie in different slots there'
    report(
      ['writes', 'strategy'],
      `write-behind is not available with \`topology: cluster\`: ${why}; use write-through`,
    )
  }),
  rule(['writes', 'target'], ({ writes, target }, report) => {
    if (writes?.strategy !== 'write-behind') return
    const why = 'else an older value that comes late takes the place of a newer one'
    if (target?.store !== undefined && !usesParameter(target.store, 4)) {
      report(['origin'], `needs a \`store\` that goes by $4, the versions, for write-behind: ${why}`)
    }
    if (target?.delete !== undefined && !usesParameter(target.delete, 3)) {
      report(['origin'], `needs a \`delete\` that goes by $3, the versions, for write-behind: ${why}`)
    }
  }),
  rule(['writes', 'kind'], ({ writes, kind }, report) => {
    if (writes === undefined) return
    const { strategy, coalesce } = writes
    if (kind === 'counter' && strategy !== undefined && strategy !== 'write-behind') {
      report(['writes', 'strategy'], 'must be write-behind for counters, or be left out: no origin is asked to add')
    }
    if (kind === 'value' && coalesce !== undefined) {
      report(['writes', 'coalesce'], 'is for counters: values are not added up; remove it')
    }
  }),
]
