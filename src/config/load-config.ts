import type { Config } from './config.ts'
import { type EventRuleView, eventChecks } from './event-checks.ts'
import { type FileFields, fileSchema } from './file-schema.ts'
import { fleetRules } from './fleet-rules.ts'
import { keyspaceRules } from './keyspace-rules.ts'
import type { KeyspaceView, OriginView } from './keyspace-view.ts'
import { outrank } from './outranking.ts'
import { type Path, pathId, pathText } from './path.ts'
import type { ConfigProblem, Report } from './problem.ts'
import { runRules } from './rule.ts'
import { Salvage } from './salvage.ts'
import { adminConfig } from './sections/admin.ts'
import { auditConfig } from './sections/audit.ts'
import { eventsConfig } from './sections/events.ts'
import { journalConfig } from './sections/journal.ts'
import { type KeyspaceFields, keyspacePolicy } from './sections/keyspaces.ts'
import { leaseConfig } from './sections/lease.ts'
import { limitsConfig } from './sections/limits.ts'
import { listenRules } from './sections/listen.ts'
import { locksConfig } from './sections/locks.ts'
import { originConfig, originRules } from './sections/origins.ts'
import { shardsConfig, shardsRules } from './sections/shards.ts'
import { refuseUnavailable } from './unavailable.ts'
import type { Environment } from './variables.ts'
import { readYaml, type YamlTree } from './yaml-tree.ts'

export interface LoadOptions {
  /** Where `${NAME}` is looked up, and what outranks the file. */
  readonly env: Environment
  /** Path of the file that the text is from: relative paths in it start from its folder. */
  readonly file?: string
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  /** Every problem at once, in the order of their lines; at least one. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Reads a configuration text. Never throws: whatever is wrong with the text is in the result. */
export function loadConfig(text: string, options: LoadOptions): LoadResult {
  const found: { path: Path; message: string; line: number | undefined }[] = []
  const report: Report = (path, message, line) => found.push({ path, message, line })
  const tree = readYaml(text, options.env, report)
  const variables = outrank(tree, options.env)
  if (tree.readable) check(tree, report)
  if (found.length === 0) return { ok: true, config: build(tree, options.file) }
  const problems = found.map(({ path, message, line }) => {
    const variable = variables.get(pathId(path))
    if (variable !== undefined) return { path: variable, line: undefined, message }
    return { path: pathText(path), line: line ?? tree.lineOf(path), message }
  })
  return { ok: false, problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) }
}

function check(tree: YamlTree, report: Report): void {
  if (tree.value === null) {
    report([], 'is empty; write at least `env` and `shards`')
    return
  }
  refuseUnavailable(tree, report)
  const salvaged = new Salvage(tree.broken, report).parse(fileSchema, tree.value, [])
  if (salvaged === undefined) return
  const file = salvaged.value as Partial<FileFields>
  if (file.listen !== undefined) runRules(listenRules, file.listen, ['listen'], report)
  runRules(fleetRules, { fleet: file.fleet, topology: file.shards?.topology }, [], report)
  if (file.shards !== undefined) runRules(shardsRules, file.shards, ['shards'], report)
  for (const [name, fields] of Object.entries(file.origins ?? {})) {
    runRules(originRules, fields, ['origins', name], report)
  }
  for (const [name, fields] of Object.entries(file.keyspaces ?? {})) {
    runRules(keyspaceRules, keyspaceView(fields, file), ['keyspaces', name], report)
  }
  for (const [index, fields] of (file.events?.rules ?? []).entries()) {
    runRules(eventChecks, eventRuleView(fields, file), ['events', 'rules', index], report)
  }
}

/** The keyspace with what its rules look at elsewhere, as far as that is right. */
function keyspaceView(fields: Partial<KeyspaceFields>, file: Partial<FileFields>): Partial<KeyspaceView> {
  const view: { -readonly [Key in keyof KeyspaceView]?: KeyspaceView[Key] } = { ...fields }
  if (file.shards?.topology !== undefined) view.topology = file.shards.topology
  if (file.heartbeat !== undefined) view.heartbeat = file.heartbeat
  if (file.lease?.ttl !== undefined) view.leaseTtl = file.lease.ttl
  if (file.origins !== undefined) view.originNames = Object.keys(file.origins)
  if (file.origins !== undefined && 'origin' in fields) {
    view.target = fields.origin === undefined ? undefined : originView(file.origins, fields.origin)
  }
  return view
}

/** A rule about events with the keyspaces that it may name,. */
function eventRuleView(
  rule: Partial<EventRuleView>,
  { keyspaces, events }: Partial<FileFields>,
): Partial<EventRuleView> {
  const sources = Object.values(events?.sources ?? {}) as readonly { readonly tables?: unknown }[]
  const tables = sources.flatMap((source) => (Array.isArray(source.tables) ? source.tables : []))
  const fields = { ...rule, tables }
  if (keyspaces === undefined) return fields
  const tenants = Object.entries(keyspaces).map(([name, keyspace]) => [name, keyspace.tenants] as const)
  return { ...fields, defined: new Map(tenants) }
}

function ofOrigin(origin: OriginView | undefined) {
  return { lagMs: origin?.lag ?? 0, originEncoding: origin?.encoding }
}

function originView(origins: FileFields['origins'], name: string): OriginView | undefined {
  return Object.hasOwn(origins, name) ? (origins[name] as OriginView) : undefined
}

function build(tree: YamlTree, file: string | undefined): Config {
  const fields = fileSchema.parse(tree.value)
  return {
    env: fields.env,
    fleet: fields.fleet,
    heartbeatMs: fields.heartbeat,
    drainMs: fields.drain,
    lingerMs: fields.linger,
    listen: fields.listen,
    shards: shardsConfig(fields.shards, (path) => tree.maskedAt(path)),
    near: fields.near,
    hot: fields.hot,
    lease: leaseConfig(fields.lease),
    limits: limitsConfig(fields.limits),
    audit: auditConfig(fields.audit),
    journal: journalConfig(fields.journal, file),
    locks: locksConfig(fields.locks),
    log: fields.log,
    admin: adminConfig(fields.admin, file),
    origins: Object.entries(fields.origins).map(([name, origin]) =>
      originConfig(name, origin, { file, maskedUrl: tree.maskedAt(['origins', name, 'url']) }),
    ),
    keyspaces: Object.entries(fields.keyspaces).map(([name, keyspace], index) =>
      keyspacePolicy(name, keyspace, { index, ...ofOrigin(originView(fields.origins, keyspace.origin ?? '')) }),
    ),
    events: eventsConfig(fields.events, (path) => tree.maskedAt(path)),
  }
}
