import type { Answer, AnswerAtHand } from './cache.ts'

/** An answer that lies in the near cache, as one to keep. */
export function copied(atHand: AnswerAtHand): Answer {
  const { kind, version, asOf, loadedAt } = atHand
  const value = Buffer.allocUnsafe(atHand.bytes)
  atHand.copyTo(value, 0)
  const outcome = kind === 'value' ? 'found' : 'not-found'
  return { outcome, value, source: 'near', version, asOf, loadedAt, degraded: false }
}
