import type { Epoch } from './epoch.ts'
import type { Line } from './line.ts'

export interface OwedChange {
  readonly key: string
  readonly holdMs: number
}

const BATCH = 1_000

/** Invalidates keys whose invalidation the server has forgotten, or never heard of. Nothing stale is kept of them. */
export async function invalidateAgain(line: Line, epoch: Epoch, changes: readonly OwedChange[]): Promise<void> {
  for (let from = 0; from < changes.length; from += BATCH) {
    const batch = changes.slice(from, from + BATCH)
    await Promise.all(batch.map((change) => line.send('invalidate', { ...change, floor: 0, epoch, staleKeepMs: 0 })))
  }
}
