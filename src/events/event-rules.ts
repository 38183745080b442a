import { RingsideError } from '../base/errors.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { DomainEvent, RowEvent, SourceEvent } from './event.ts'
import { type EventRule, type KeyTemplate, keyspacesOf, type TagTemplate, templatesOf } from './event-rule.ts'
import { Targets } from './targets.ts'
import { columnsOf, type Fields, fillTemplate, type Template } from './template.ts'

/** What the rules make of one event. */
export interface Verdict {
  /** Whether any rule is about it. */
  readonly matched: boolean
  /** What kept some of its targets from being told; the others are in force all the same. */
  readonly flaws: readonly string[]
}

interface RowRule {
  readonly rule: EventRule
  /** An update that touches none of them is not meant; `undefined` = any is. */
  readonly columns: ReadonlySet<string> | undefined
}

/** Turns events into what they outdate. Knows nothing of where events come from, nor of what becomes of the targets. */
export class EventRules {
  readonly #keyspaces: Keyspaces
  readonly #byType = new Map<string, EventRule[]>()
  readonly #byTable = new Map<string, RowRule[]>()

  constructor(rules: readonly EventRule[], keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces
    for (const rule of rules) {
      const { match } = rule
      if ('on' in match) entry(this.#byType, match.on).push(rule)
      else entry(this.#byTable, match.table).push({ rule, columns: columnsMeant(rule, match.columns) })
    }
  }

  /** Everything that any event could outdate. */
  all(): Targets {
    const targets = new Targets()
    const rules = [...this.#byType.values()].flat().concat([...this.#byTable.values()].flat().map(({ rule }) => rule))
    for (const keyspace of rules.flatMap(keyspacesOf)) targets.addKeyspace(keyspace)
    return targets
  }

  /** Adds what the event outdates to `targets`. */
  apply(event: SourceEvent, targets: Targets): Verdict {
    switch (event.kind) {
      case 'domain':
        return this.#domain(event, targets)
      case 'row':
        return this.#row(event, targets)
      case 'truncate':
        return this.#truncate(event.table, targets)
      case 'broken':
        return { matched: true, flaws: [event.why] }
    }
  }

  #domain(event: DomainEvent, targets: Targets): Verdict {
    const rules = this.#byType.get(event.type) ?? []
    return { matched: rules.length > 0, flaws: rules.flatMap((rule) => this.#outdate(rule, event.fields, targets)) }
  }

  #row(event: RowEvent, targets: Targets): Verdict {
    const rules = (this.#byTable.get(event.table) ?? []).filter(({ columns }) => touches(event, columns))
    const states = statesOf(event)
    const flaws = rules.flatMap(({ rule }) => states.flatMap((state) => this.#outdate(rule, state, targets)))
    return { matched: rules.length > 0, flaws: [...new Set(flaws)] }
  }

  /** It does not tell which rows are gone: any may be. */
  #truncate(table: string, targets: Targets): Verdict {
    const rules = this.#byTable.get(table) ?? []
    for (const keyspace of rules.flatMap(({ rule }) => keyspacesOf(rule))) targets.addKeyspace(keyspace)
    return { matched: rules.length > 0, flaws: [] }
  }

  #outdate(rule: EventRule, fields: Fields, targets: Targets): readonly string[] {
    for (const keyspace of rule.keyspaces) targets.addKeyspace(keyspace)
    return [
      ...rule.keys.flatMap((template) => this.#key(template, fields, targets) ?? []),
      ...rule.tags.flatMap((template) => this.#tag(template, fields, targets) ?? []),
    ]
  }

  /** What is wrong with it; `undefined` if nothing. */
  #key({ keyspace, key, tenant }: KeyTemplate, fields: Fields, targets: Targets): string | undefined {
    return filledIn(key, tenant, fields, (text, owner) => {
      const name = { keyspace, key: text, tenant: owner }
      targets.addKey(this.#keyspaces.resolve(name).physicalKey, name)
    })
  }

  /** The same. */
  #tag({ keyspace, tag, tenant }: TagTemplate, fields: Fields, targets: Targets): string | undefined {
    return filledIn(tag, tenant, fields, (text, owner) => {
      const name = { keyspace, tag: text, tenant: owner }
      targets.addTag(this.#keyspaces.resolveTag(name).physicalKey, name)
    })
  }
}

/** What is wrong with the fields, or with what they make; `undefined` if nothing. */
function filledIn(
  template: Template,
  tenant: Template | undefined,
  fields: Fields,
  add: (text: string, tenant: string) => void,
): string | undefined {
  const filled = fillTemplate(template, fields)
  if (!filled.ok) return filled.why
  const owner = tenant === undefined ? ({ ok: true, value: '' } as const) : fillTemplate(tenant, fields)
  if (!owner.ok) return owner.why
  try {
    add(filled.value, owner.value)
    return undefined
  } catch (error) {
    return RingsideError.from(error).message
  }
}

/** The states of the row that readers may hold: the one it has now, and the one it had where that is known to differ. */
function statesOf({ before, after }: RowEvent): readonly Fields[] {
  if (after === undefined) return before === undefined ? [] : [before]
  if (before === undefined) return [after]
  // What was not sent of one state is as it is in the other: unchanged, or not known to have been changed.
  return [
    { ...before, ...after },
    { ...after, ...before },
  ]
}

function touches({ before, isBeforeWhole, after }: RowEvent, columns: ReadonlySet<string> | undefined): boolean {
  if (columns === undefined || before === undefined || after === undefined || !isBeforeWhole) return true
  // A column that was not sent is one that was not changed.
  return [...columns].some((column) => Object.hasOwn(after, column) && after[column] !== before[column])
}

/** A row that gets another key, or another tenant, is meant whatever else was to be looked at. */
function columnsMeant(rule: EventRule, columns: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (columns === undefined) return undefined
  return new Set([...columns, ...templatesOf(rule).flatMap(columnsOf)])
}

function entry<Item>(map: Map<string, Item[]>, name: string): Item[] {
  const known = map.get(name)
  if (known !== undefined) return known
  const made: Item[] = []
  map.set(name, made)
  return made
}
