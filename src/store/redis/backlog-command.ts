import type {
  BacklogPlace,
  BacklogRecord,
  BuryRecord,
  PutBehind,
  SettleBacklog,
  TakeBacklog,
  TakenBacklog,
} from '../backlog.ts'
import { encodeEpochs } from '../epoch.ts'
import { KIND_CODE, packedArgument } from './content-arguments.ts'
import type { Argument } from './redis-pipeline.ts'
import type { ScriptReply } from './scripts.ts'

const CHANGE_CODE = { value: 'v', deleted: 'd', sum: 'n' } as const
const CHANGES: Readonly<Record<string, BacklogRecord['change'] | undefined>> = { v: 'value', d: 'deleted', n: 'sum' }
const NOTHING = Buffer.alloc(0)

export function putBehindArguments(put: PutBehind): readonly Argument[] {
  const { tooLateMs, floor, epochs, maxBacklog, kind, subject, value } = put
  const { keyspace, tenant, key } = subject
  return [
    tooLateMs,
    floor,
    encodeEpochs(...epochs.slice(0, 1)),
    maxBacklog,
    KIND_CODE[kind],
    keyspace,
    tenant,
    key,
    value,
  ]
}

/** What an increment says of the backlog that its sum goes into, if it goes into one. */
export function placeArguments(place: BacklogPlace | undefined): readonly Argument[] {
  if (place === undefined) return []
  const { keyspace, tenant, key } = place.subject
  return [place.maxBacklog, keyspace, tenant, key]
}

export function takeArguments({ token, leaseTtlMs, after, most, mostBytes }: TakeBacklog): readonly Argument[] {
  return [token, Math.ceil(leaseTtlMs), after, most, mostBytes]
}

/** Records that make no sense here, which a later version may have left, are left where they are. */
export function takenIn([word, , size, oldestMs, ...rows]: ScriptReply): TakenBacklog {
  const records: BacklogRecord[] = []
  for (let at = 0; at + 1 < rows.length; at += 2) {
    const record = recordIn(String(rows[at]), rows[at + 1] as readonly Buffer[])
    if (record !== undefined) records.push(record)
  }
  const outcome = String(word) === 'taken' ? 'taken' : 'busy'
  return { outcome, size: Number(size), oldestMs: Number(oldestMs), records }
}

function recordIn(id: string, fields: readonly Buffer[]): BacklogRecord | undefined {
  const named = new Map<string, Buffer>()
  for (let at = 0; at + 1 < fields.length; at += 2) named.set(String(fields[at]), fields[at + 1] as Buffer)
  const text = (name: string) => String(named.get(name) ?? '')
  const change = CHANGES[text('c')]
  if (change === undefined) return undefined
  const subject = { keyspace: text('s'), tenant: text('t'), key: text('k') }
  const value = named.get('b') ?? Buffer.alloc(0)
  return { id, ...subject, physicalKey: text('p'), change, version: Number(text('v')), value }
}

export function settleArguments(settle: SettleBacklog): readonly Argument[] {
  const { how, version, floor, epochs, ttlMs, softTtlMs, staleKeepMs, subject, smaller, ids } = settle
  const soft = softTtlMs === undefined ? 0 : Math.max(1, Math.ceil(softTtlMs))
  const times = [Math.ceil(ttlMs), soft, Math.ceil(staleKeepMs)]
  const { keyspace, tenant, key } = subject
  const value = [packedArgument(smaller), smaller?.payload ?? NOTHING]
  return [how, version, floor, encodeEpochs(...epochs), ...times, keyspace, tenant, key, ...value, ...ids]
}

export function buryArguments({ key, most, record, reason }: BuryRecord): readonly Argument[] {
  const { keyspace, tenant, physicalKey, change, version, value } = record
  const subject = ['s', keyspace, 't', tenant, 'k', record.key, 'p', physicalKey, 'c', CHANGE_CODE[change]]
  return [key, 'MAXLEN', '~', most, '*', ...subject, 'v', version, 'b', value, 'why', reason]
}
