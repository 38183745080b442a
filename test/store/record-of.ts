import type { EntryRecord } from '../../src/store/record.ts'

/** A value of one minute, written at 0 in epoch 1, with what the test wants otherwise. */
export const recordOf = (changes: Partial<EntryRecord> = {}): EntryRecord => ({
  kind: 'value',
  loadCostMs: 0,
  epoch: 1,
  version: 7,
  loadedAtMs: 0,
  softAtMs: 0,
  hardAtMs: 60_000,
  payload: Buffer.from('v'),
  packed: undefined,
  stale: undefined,
  token: undefined,
  holdUntilMs: 0,
  asOfMs: 0,
  tags: undefined,
  intents: [],
  ...changes,
})
