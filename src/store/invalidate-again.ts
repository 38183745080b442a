import type { Epoch } from './epoch.ts'
import type { Line } from './line.ts'

export interface OwedChange {
  readonly key: string
  readonly holdMs: number
}

const BATCH = 1_000

/** Makes a change elsewhere that the line has refused, or rejects with the refusal. */
export type Elsewhere = (change: OwedChange, refusal: unknown) => Promise<unknown>

/**
 * Invalidates keys whose invalidation the server has forgotten, or never heard of. Nothing stale is kept of them.
 * `elsewhere`: what becomes of those that have another home by now, where keys move by themselves.
 */
export async function invalidateAgain(
  line: Line,
  epoch: Epoch,
  changes: readonly OwedChange[],
  elsewhere: Elsewhere = (_, refusal) => Promise.reject(refusal),
): Promise<void> {
  for (let from = 0; from < changes.length; from += BATCH) {
    const batch = changes.slice(from, from + BATCH)
    await Promise.all(
      batch.map((change) =>
        line
          .send('invalidate', { ...change, floor: 0, epoch, staleKeepMs: 0 })
          .catch((refusal: unknown) => elsewhere(change, refusal)),
      ),
    )
  }
}
