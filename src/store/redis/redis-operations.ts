import type { BudgetAsk, BudgetGrant } from '../budget.ts'
import { decodeEpochs, type Epoch, encodeEpochs } from '../epoch.ts'
import type { ArgumentsOf, Beat, CopyFill, OperationName, Pulse, ResultOf, RingInUse } from '../operations.ts'
import { decodeRecord, type EntryRecord } from '../record.ts'
import type { Content } from '../shard.ts'
import type { Argument } from './redis-pipeline.ts'
import type { ScriptName } from './scripts.ts'

/** What a script answers: a word, the server's TIME in µs, and what the word calls for. */
export type ScriptReply = readonly [word: Buffer, nowUs: number, ...rest: unknown[]]

interface PlainCommand<Name extends OperationName> {
  readonly command: (args: ArgumentsOf<Name>) => readonly [name: string, args: readonly Argument[]]
  readonly answer: (raw: unknown) => ResultOf<Name>
}

interface ScriptCommand<Name extends OperationName> {
  readonly script: ScriptName
  readonly keys: (args: ArgumentsOf<Name>) => readonly string[]
  readonly args: (args: ArgumentsOf<Name>) => readonly Argument[]
  /** Throws a `NonsenseReply` for a word it does not know. */
  readonly result: (reply: ScriptReply) => ResultOf<Name>
}

export type RedisOperation<Name extends OperationName> = PlainCommand<Name> | ScriptCommand<Name>

/** The server answered something that its script never says. */
export class NonsenseReply extends Error {
  override readonly name = 'NonsenseReply'
}

const KIND_CODE = { value: 1, negative: 2 } as const
const NOTHING = Buffer.alloc(0)
const oneKey = ({ key }: { readonly key: string }) => [key]

/** How each operation is said to Redis: plain commands for what must stay cheap, one script for everything that changes. */
export const REDIS_OPERATIONS: { readonly [Name in OperationName]: RedisOperation<Name> } = {
  get: { command: ({ key }) => ['get', [key]], answer: (raw) => recordIn(raw as Buffer | null) },
  stamped: {
    command: ({ controls, key }) => ['mget', key === undefined ? [stampKey(controls)] : [stampKey(controls), key]],
    answer: (raw) => {
      const [stamp, record] = raw as readonly (Buffer | null)[]
      const [epoch, count] = stamp ? decodeEpochs(stamp) : []
      const life = epoch === undefined || count === undefined ? undefined : { epoch, stamp: count }
      return { life, record: recordIn(record ?? null) }
    },
  },
  lock: {
    command: ({ key, ttlMs }) => ['set', [key, NOTHING, 'PX', Math.ceil(ttlMs), 'NX']],
    answer: (raw) => raw !== null,
  },
  acquire: {
    script: 'acquire',
    keys: oneKey,
    args: ({ token, leaseTtlMs, epochs, leastVersion }) => [
      token,
      Math.ceil(leaseTtlMs),
      encodeEpochs(...epochs),
      leastVersion,
    ],
    result: ([word, , raw, leaseLeftMs, holdLeftMs]) => ({
      outcome: oneOf(word, ['value', 'busy', 'granted']),
      record: (raw as Buffer).length === 0 ? undefined : recordIn(raw as Buffer),
      leaseLeftMs: Number(leaseLeftMs),
      holdLeftMs: Number(holdLeftMs),
    }),
  },
  fill: {
    script: 'fill',
    keys: oneKey,
    args: ({ token, floor, epoch, content }) => [token, floor, encodeEpochs(epoch), ...contentArguments(content)],
    result: ([word, , version]) => {
      const outcome = oneOf(word, ['filled', 'held', 'lost'])
      return outcome === 'lost' ? { outcome } : { outcome, version: Number(version) }
    },
  },
  put: {
    script: 'put',
    keys: oneKey,
    args: ({ ifVersion, tooLateMs, floor, epochs, content }) => [
      ifVersion ?? '',
      tooLateMs,
      floor,
      encodeEpochs(...epochs),
      ...contentArguments(content),
    ],
    result: ([word, , version]) => {
      const outcome = oneOf(word, ['stored', 'version-mismatch', 'held', 'late'])
      return outcome === 'late' ? { outcome } : { outcome, version: Number(version) }
    },
  },
  invalidate: {
    script: 'invalidate',
    keys: oneKey,
    args: ({ floor, epoch, staleKeepMs, holdMs }) => [
      floor,
      encodeEpochs(epoch),
      Math.ceil(staleKeepMs),
      Math.ceil(holdMs),
    ],
    result: ([, , version]) => ({ version: Number(version) }),
  },
  release: {
    script: 'release',
    keys: oneKey,
    args: ({ token, epoch }) => [token, encodeEpochs(epoch)],
    result: () => undefined,
  },
  fillCopy: {
    script: 'fill-copy',
    keys: oneKey,
    args: copyArguments,
    result: ([word]) => oneOf(word, ['filled', 'lost']) === 'filled',
  },
  drop: { command: ({ key }) => ['del', [key]], answer: () => undefined },
  beat: { script: 'beat', keys: beatKeys, args: beatArguments, result: pulseIn },
  budget: { script: 'budget', keys: oneKey, args: budgetArguments, result: grantIn },
}

function recordIn(raw: Buffer | null): EntryRecord | 'malformed' | undefined {
  return raw === null ? undefined : (decodeRecord(raw) ?? 'malformed')
}

function oneOf<Word extends string>(word: Buffer, known: readonly Word[]): Word {
  const text = word.toString()
  const found = known.find((one) => one === text)
  if (found === undefined) throw new NonsenseReply(`the server answered ${text}, not one of ${known.join(', ')}`)
  return found
}

function contentArguments(content: Content): readonly Argument[] {
  return [
    KIND_CODE[content.kind],
    Math.ceil(content.ttlMs),
    content.softTtlMs === undefined ? 0 : Math.max(1, Math.ceil(content.softTtlMs)),
    Math.ceil(content.staleKeepMs),
    Math.ceil(content.loadedAgoMs),
    Math.ceil(content.loadCostMs),
    content.value,
  ]
}

function copyArguments(copy: CopyFill): readonly Argument[] {
  const { token, epoch, kind, version, loadedAtMs, softAtMs, hardAtMs, asOfMs, value } = copy
  return [token, encodeEpochs(epoch), KIND_CODE[kind], version, loadedAtMs, softAtMs, hardAtMs, asOfMs, value]
}

const stampKey = (controls: string) => `${controls}stamp`

/** What a shard knows of its own life, in the order of the scripts. */
export function controlKeys(controls: string): readonly string[] {
  const names = ['life', 'beats', 'seen', 'quarantine'].map((name) => controls + name)
  return [...names, stampKey(controls), `${controls}notices`]
}

function beatKeys({ controls, probe }: Beat): readonly string[] {
  return probe === '' ? controlKeys(controls) : [...controlKeys(controls), probe]
}

function beatArguments({
  member,
  candidate,
  known,
  report,
  leaves,
  floor,
  ends,
  notice,
  ring,
}: Beat): readonly Argument[] {
  return [
    member,
    encodeEpochs(candidate),
    known === undefined ? '' : Buffer.concat([encodeEpochs(known.epoch), Buffer.from(`:${known.list}`)]),
    report === undefined ? '' : encodeEpochs(report.epoch),
    report?.forgot ? '1' : '0',
    leaves ? '1' : '0',
    floor,
    ends === undefined ? '' : encodeEpochs(ends),
    notice,
    ring?.number ?? 0,
    ring?.text ?? '',
    ...(report?.missing ?? []),
  ]
}

function pulseIn(reply: ScriptReply): Pulse {
  const [, , stamp, epoch, accepted, past, last, pastStamp, oldest, joined, list, members, floor, told, rings] = reply
  const epochs = decodeEpochs(past as Buffer)
  const names = (members as readonly Buffer[]).map(String)
  return {
    stamp: Number(stamp),
    epoch: decodeEpochs(epoch as Buffer)[0] as Epoch,
    accepted: decodeEpochs(accepted as Buffer),
    past:
      epochs.length === 0
        ? undefined
        : { epochs, last: decodeEpochs(last as Buffer)[0] as Epoch, stamp: Number(pastStamp) },
    oldestStamp: Number(oldest) < 0 ? undefined : Number(oldest),
    joined: Number(joined) === 1,
    floor: Number(floor),
    list: Number(list),
    members: names.length === 0 ? undefined : names,
    notices: pairsIn(told as readonly Buffer[]),
    rings: names.length === 0 ? undefined : ringsIn(String(rings)),
  }
}

function pairsIn(flat: readonly Buffer[]): Pulse['notices'] {
  return flat.flatMap((member, place) => (place % 2 === 0 ? [[String(member), String(flat[place + 1])] as const] : []))
}

function ringsIn(lines: string): readonly RingInUse[] {
  const rows = lines.matchAll(/^(\d+) (\d+) (.*)$/gm)
  return Array.from(rows, ([, number, firstVersion, text = '']) => ({
    number: Number(number),
    firstVersion: Number(firstVersion),
    text,
  }))
}

function budgetArguments(ask: BudgetAsk): readonly Argument[] {
  const { member, turn, limit, fleet, running, share, wants, seated, leaseMs, settleMs, moved, leaves } = ask
  const flag = (is: boolean) => (is ? '1' : '0')
  const amounts = [member, turn, limit, fleet, running, share, wants]
  return [...amounts, flag(seated), Math.ceil(leaseMs), Math.ceil(settleMs), flag(moved), flag(leaves)]
}

function grantIn([word, , share, seat, waitsMs]: ScriptReply): BudgetGrant {
  const outcome = oneOf(word, ['granted', 'late'])
  if (outcome === 'late') return { outcome }
  return {
    outcome,
    share: Number(share),
    seat: oneOf(seat as Buffer, ['taken', 'waiting', 'beyond']),
    waitsMs: Number(waitsMs),
  }
}
