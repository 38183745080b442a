import { isTagName } from '../../keyspace/physical-key.ts'
import type { BudgetAsk, BudgetGrant } from '../budget.ts'
import type { CopyFill } from '../copy-lease.ts'
import { decodeEpochs, encodeEpochs } from '../epoch.ts'
import type { ArgumentsOf, Increment, OperationName, ResultOf } from '../operations.ts'
import { decodeRecord, type EntryRecord } from '../record.ts'
import {
  buryArguments,
  placeArguments,
  putBehindArguments,
  settleArguments,
  takeArguments,
  takenIn,
} from './backlog-command.ts'
import { beatArguments, beatKeys, lifeKey, pulseIn, stampKey } from './beat-command.ts'
import { contentArguments, KIND_CODE, packedArgument, tagArgument } from './content-arguments.ts'
import { flushedIn, scanCommand, scannedIn } from './flush-command.ts'
import { heatArguments, hotKeysIn, newsIn } from './heat-command.ts'
import { acquireArguments, acquiredIn, lockKeys, releaseArguments, renewArguments, renewedIn } from './lock-command.ts'
import type { Argument } from './redis-pipeline.ts'
import { oneOf } from './reply-word.ts'
import type { ScriptName, ScriptReply } from './scripts.ts'

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
    args: ({ key, floor, epoch, staleKeepMs, holdMs, life }) => [
      floor,
      encodeEpochs(epoch),
      Math.ceil(staleKeepMs),
      Math.ceil(holdMs),
      isTagName(key) ? (life ?? lifeKey(key)) : NOTHING,
    ],
    result: ([, , version]) => ({ version: Number(version) }),
  },
  keepTag: {
    script: 'keep-tag',
    keys: oneKey,
    args: ({ key, epoch, least, ttlMs, life }) => [life ?? lifeKey(key), encodeEpochs(epoch), least, Math.ceil(ttlMs)],
    result: ([word, , stampUs]) => ({ outcome: oneOf(word, ['kept', 'held', 'unknown']), stampUs: Number(stampUs) }),
  },
  intend: {
    script: 'intend',
    keys: oneKey,
    args: ({ token, ttlMs, epoch }) => [token, Math.ceil(ttlMs), encodeEpochs(epoch)],
    result: () => undefined,
  },
  settle: {
    script: 'settle',
    keys: oneKey,
    args: ({ token, floor, epoch, staleKeepMs, holdMs, content }) => {
      const always = [token, floor, encodeEpochs(epoch), Math.ceil(staleKeepMs), Math.ceil(holdMs)]
      return content === undefined ? always : [...always, ...contentArguments(content)]
    },
    result: ([word, , version]) => ({ outcome: oneOf(word, ['stored', 'dropped']), version: Number(version) }),
  },
  release: {
    script: 'release',
    keys: oneKey,
    args: ({ token, epoch }) => [token, encodeEpochs(epoch)],
    result: () => undefined,
  },
  increment: {
    script: 'increment',
    keys: ({ key, place }) => (place === undefined ? [key] : [key, place.backlog]),
    args: incrementArguments,
    result: incrementedIn,
  },
  putBehind: {
    script: 'put-behind',
    keys: ({ key, backlog }) => [key, backlog],
    args: putBehindArguments,
    result: ([word, , version]) => {
      const outcome = oneOf(word, ['stored', 'full', 'late'])
      return outcome === 'stored' ? { outcome, version: Number(version) } : { outcome, version: 0 }
    },
  },
  takeBacklog: {
    script: 'take-backlog',
    keys: ({ lease, backlog }) => [lease, backlog],
    args: takeArguments,
    result: takenIn,
  },
  settleBacklog: {
    script: 'settle-backlog',
    keys: ({ key, backlog }) => [key, backlog],
    args: settleArguments,
    result: ([word]) => oneOf(word, ['settled', 'pending']) === 'settled',
  },
  bury: { command: (burial) => ['xadd', buryArguments(burial)], answer: () => undefined },
  fillCopy: {
    script: 'fill-copy',
    keys: oneKey,
    args: copyArguments,
    result: ([word]) => oneOf(word, ['filled', 'lost']) === 'filled',
  },
  drop: { command: ({ key }) => ['del', [key]], answer: () => undefined },
  scan: { command: scanCommand, answer: scannedIn },
  flush: { script: 'flush', keys: oneKey, args: () => [], result: flushedIn },
  nextVersion: {
    script: 'next-version',
    keys: oneKey,
    args: ({ taken }) => [taken],
    result: ([, , version]) => Number(version),
  },
  beat: { script: 'beat', keys: beatKeys, args: beatArguments, result: pulseIn },
  budget: { script: 'budget', keys: oneKey, args: budgetArguments, result: grantIn },
  heat: {
    script: 'heat',
    keys: oneKey,
    args: ({ report }) => heatArguments(report),
    result: ([, , ...told]) => newsIn(told),
  },
  lockAcquire: { script: 'lock-acquire', keys: lockKeys, args: acquireArguments, result: acquiredIn },
  lockRenew: { script: 'lock-renew', keys: ({ record }) => [record], args: renewArguments, result: renewedIn },
  lockRelease: {
    script: 'lock-release',
    keys: lockKeys,
    args: releaseArguments,
    result: ([word]) => oneOf(word, ['released', 'fallen']) === 'released',
  },
  hottest: {
    script: 'hottest',
    keys: oneKey,
    args: ({ limit }) => [limit],
    result: ([, , ...told]) => hotKeysIn(told),
  },
}

function recordIn(raw: Buffer | null): EntryRecord | 'malformed' | undefined {
  return raw === null ? undefined : (decodeRecord(raw) ?? 'malformed')
}

function incrementArguments(increment: Increment): readonly Argument[] {
  const { tooLateMs, floor, epochs, quarantined, delta, initial, ttlMs, staleKeepMs, requestId, mayCreate } = increment
  const known = [tooLateMs, floor, encodeEpochs(...epochs), encodeEpochs(...quarantined)]
  const amounts = [String(delta), String(initial), Math.ceil(ttlMs), Math.ceil(staleKeepMs)]
  return [...known, ...amounts, requestId ?? NOTHING, mayCreate ? '1' : '0', ...placeArguments(increment.place)]
}

function incrementedIn([word, , version, value]: ScriptReply): ResultOf<'increment'> {
  const outcome = oneOf(word, ['added', 'repeated', 'overflow', 'absent', 'unsettled', 'no-counter', 'full', 'late'])
  if (outcome !== 'added' && outcome !== 'repeated') return { outcome, version: 0 }
  return { outcome, version: Number(version), value: BigInt(String(value)) }
}

function copyArguments(copy: CopyFill): readonly Argument[] {
  const { token, epoch, kind, version, loadedAtMs, softAtMs, hardAtMs, asOfMs, value } = copy
  const facts = [token, encodeEpochs(epoch), KIND_CODE[kind], version, loadedAtMs, softAtMs, hardAtMs, asOfMs]
  return [...facts, value, tagArgument(copy), packedArgument(copy)]
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
