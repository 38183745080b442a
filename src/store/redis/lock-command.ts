import { encodeEpochs } from '../epoch.ts'
import type { LockAcquire, LockAcquired, LockKeys, LockRelease, LockRenew, LockRenewed } from '../fenced-lock.ts'
import type { Argument } from './redis-pipeline.ts'
import { oneOf } from './reply-word.ts'
import type { ScriptReply } from './scripts.ts'

export const lockKeys = ({ record, line, seen }: LockKeys): readonly string[] => [record, line, seen]

export function acquireArguments(ask: LockAcquire): readonly Argument[] {
  const { id, token, ttlMs, waitMs, epoch, floor, leastFencing, opensInMs, mostTtlMs, tooLateMs } = ask
  const [ttl, wait, opens, most] = [ttlMs, waitMs, opensInMs, mostTtlMs].map(Math.ceil) as [
    number,
    number,
    number,
    number,
  ]
  return [id, token, ttl, wait, encodeEpochs(epoch), floor, leastFencing, opens, most, tooLateMs]
}

export function acquiredIn([word, , ...told]: ScriptReply): LockAcquired {
  const outcome = oneOf(word, ['granted', 'busy', 'late'])
  if (outcome === 'late') return { outcome }
  if (outcome === 'busy') return { outcome, leftMs: Number(told[0]), place: Number(told[1]) }
  const [token, fencing, answers] = told
  return { outcome, token: token as Buffer, fencing: Number(fencing), answers: Number(answers) }
}

export function renewArguments(ask: LockRenew): readonly Argument[] {
  const { token, ttlMs, epoch, leastFencing, sureFencing, id } = ask
  return [token, Math.ceil(ttlMs), encodeEpochs(epoch), leastFencing, sureFencing, id]
}

export function renewedIn([word, , fencing]: ScriptReply): LockRenewed {
  const outcome = oneOf(word, ['renewed', 'lost'])
  return outcome === 'lost' ? { outcome } : { outcome, fencing: Number(fencing) }
}

export function releaseArguments(ask: LockRelease): readonly Argument[] {
  const { token, id, answers, epoch, leastFencing, sureFencing } = ask
  return [token, id ?? '', answers ?? '', encodeEpochs(epoch), leastFencing, sureFencing]
}
