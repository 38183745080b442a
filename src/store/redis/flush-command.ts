import type { Flushed, ScanAsk, Scanned } from '../flushing.ts'
import type { Argument } from './redis-pipeline.ts'
import { oneOf } from './reply-word.ts'
import type { ScriptReply } from './scripts.ts'

export function scanCommand({ prefix, cursor, count }: ScanAsk): readonly [name: string, args: readonly Argument[]] {
  return ['scan', [cursor, 'MATCH', `${prefix}*`, 'COUNT', count, 'TYPE', 'string']]
}

export function scannedIn(raw: unknown): Scanned {
  const [cursor, names] = raw as readonly [Buffer, readonly Buffer[]]
  return { cursor: String(cursor), names: names.map(String) }
}

export function flushedIn([word]: ScriptReply): Flushed {
  return oneOf(word, ['removed', 'kept', 'absent'])
}
