import type { Content } from '../../src/store/shard.ts'

/** A value of one minute that nothing is known of but its text. */
export const content = (text: string, changes: Partial<Content> = {}): Content => ({
  kind: 'value',
  value: Buffer.from(text),
  ttlMs: 60_000,
  softTtlMs: undefined,
  staleKeepMs: 0,
  loadedAgoMs: 0,
  loadCostMs: 0,
  ...changes,
})
