import type { Chance } from '../base/chance.ts'
import type { TopKey } from './top-keys.ts'

type Pending = Pick<TopKey, 'key' | 'pending'>

/** The keys that are tracked, in no order: by all reads, and by those that went on to the shared tier. */
export interface CandidateSources {
  readonly reads: readonly Pending[]
  readonly shardReads: readonly Pending[]
}

const HOTTEST_IN_THE_TIER = 6
const HOTTEST = 6
const DRAWN = 4

/**
 * Of which keys a shard is told: those that live there with the most to tell, and some of the others, drawn by lot in
 * proportion to what there is to tell. So a key that is in no sidecar's list of the hottest is told of by some of a fleet at
 * any time, and by each the sooner, the hotter it is. At most 16, none twice, and none without anything to tell.
 */
export function chooseCandidates(
  { reads, shardReads }: CandidateSources,
  belongs: (key: string) => boolean,
  chance: Chance,
): readonly string[] {
  const chosen = new Set<string>()
  const add = (most: number, keys: readonly Pending[]) => {
    let left = most
    for (const { key } of keys) {
      if (left === 0) return
      if (chosen.has(key) || !belongs(key)) continue
      chosen.add(key)
      left -= 1
    }
  }
  add(HOTTEST_IN_THE_TIER, byPending(shardReads))
  add(HOTTEST, byPending(reads))
  add(DRAWN, byLot([...shardReads, ...reads], chance))
  return [...chosen]
}

function byPending(keys: readonly Pending[]): readonly Pending[] {
  return keys.filter(({ pending }) => pending > 0).sort((a, b) => b.pending - a.pending)
}

/**
 * In an order in which each comes next with a chance in proportion to what is pending. (Efraimidis and Spirakis: "Weighted
 * random sampling with a reservoir", Information Processing Letters 97(5), 2006.)
 */
function byLot(keys: readonly Pending[], chance: Chance): readonly Pending[] {
  return keys
    .filter(({ pending }) => pending > 0)
    .map((key) => ({ key, draw: Math.log(1 - chance.uniform()) / key.pending }))
    .sort((a, b) => b.draw - a.draw)
    .map(({ key }) => key)
}
