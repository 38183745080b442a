import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export type ScriptName =
  | 'acquire'
  | 'fill'
  | 'fill-copy'
  | 'put'
  | 'invalidate'
  | 'keep-tag'
  | 'intend'
  | 'settle'
  | 'release'
  | 'increment'
  | 'put-behind'
  | 'take-backlog'
  | 'settle-backlog'
  | 'flush'
  | 'beat'
  | 'next-version'
  | 'find'
  | 'adopt'
  | 'budget'
  | 'heat'
  | 'hottest'
  | 'lock-acquire'
  | 'lock-renew'
  | 'lock-release'

/** What a script answers: a word, the server's TIME in µs, and what the word calls for. */
export type ScriptReply = readonly [word: Buffer, nowUs: number, ...rest: unknown[]]

/** A Lua script, ready for `EVALSHA`. Each is atomic and touches one key, or the control keys of one slot. */
export interface Script {
  readonly source: string
  readonly sha: string
}

/** Runs also when the server is out of memory: what only takes away, what says that the shard lives, and what spares a database. */
const ALLOW_OOM = '#!lua flags=allow-oom'

/** Notes what it takes away among the control keys of the node that it runs on. */
const ALLOW_OOM_AND_CONTROLS = '#!lua flags=allow-oom,allow-cross-slot-keys'

/** Looks into the control keys of the node that it runs on. */
const ALLOW_CONTROLS = '#!lua flags=allow-cross-slot-keys'

/** Looks at control keys of many slots, all of the one node that it runs on. */
const FROM_MANY_SLOTS = '#!lua flags=no-writes,allow-cross-slot-keys'

/** Changes nothing, so that it also runs where nothing may be changed. */
const NO_WRITES = '#!lua flags=no-writes'

const record = readScript('record')
const lockRecord = readScript('lock-record')
const heatTable = readScript('heat-table')
const tagStamps = readScript('tag-stamps')
const backlog = readScript('backlog')

export const SCRIPTS: Readonly<Record<ScriptName, Script>> = {
  acquire: script(record, readScript('acquire')),
  fill: script(record, readScript('fill')),
  'fill-copy': script(record, readScript('fill-copy')),
  put: script(record, readScript('put')),
  invalidate: script(ALLOW_OOM_AND_CONTROLS, record, tagStamps, readScript('invalidate')),
  'keep-tag': script(ALLOW_CONTROLS, record, tagStamps, readScript('keep-tag')),
  intend: script(ALLOW_OOM, record, readScript('intend')),
  settle: script(ALLOW_OOM, record, readScript('settle')),
  release: script(ALLOW_OOM, record, readScript('release')),
  increment: script(record, backlog, readScript('increment')),
  'put-behind': script(record, backlog, readScript('put-behind')),
  'take-backlog': script(ALLOW_OOM, record, readScript('take-backlog')),
  'settle-backlog': script(ALLOW_OOM, record, backlog, readScript('settle-backlog')),
  flush: script(ALLOW_OOM, record, readScript('flush')),
  beat: script(ALLOW_OOM, record, readScript('beat')),
  'next-version': script(record, readScript('next-version')),
  find: script(FROM_MANY_SLOTS, readScript('find')),
  adopt: script(ALLOW_OOM, record, readScript('adopt')),
  budget: script(ALLOW_OOM, record, readScript('budget')),
  heat: script(ALLOW_OOM, record, heatTable, readScript('heat')),
  hottest: script(NO_WRITES, record, heatTable, readScript('hottest')),
  'lock-acquire': script(record, lockRecord, readScript('lock-acquire')),
  'lock-renew': script(ALLOW_OOM, record, lockRecord, readScript('lock-renew')),
  'lock-release': script(ALLOW_OOM, record, lockRecord, readScript('lock-release')),
}

function script(...parts: readonly string[]): Script {
  const source = parts.join('\n')
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}

function readScript(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')
}
