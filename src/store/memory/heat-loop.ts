import type { HeatReport } from '../heat.ts'

/** What a shard knows of one key: sums of counts that decay with time, as of the last survey, and what was decided then. */
export interface KeyHeat {
  reads: number
  shardReads: number
  writes: number
  /** So many copies it may have. */
  most: number
  mostAtMs: number
  copies: number
  /** When it got its first copy; 0 = it has none. */
  sinceMs: number
  /** From when on fewer copies would have been enough, without a break; 0 = they would not. */
  lowMs: number
  /** When it was last found to be changed too often for copies; 0 = never. */
  wroteMs: number
}

export type Aims = Pick<HeatReport, 'leastRate' | 'target'>

/** The time constant of the decay: a sum stands for so many ms of counting. */
export const TIME_CONSTANT_MS = 2_000
/** As much more would have to be read of a key than is, before copies of it are kept that it does not need. */
const MARGIN = 1.25
/** After so long copies that are not needed go; for so long after a key was changed too often it gets none. */
const CALM_MS = 8_000
/** Copies beyond these go all at once, so that none are left after a minute. */
const ONE_BY_ONE = 4
/** So many reads of the tier are worth a write that makes all copies useless. */
const READS_PER_WRITE = 10
/** A ratio that is off a whole number by less than this is that number: sums that decayed in other steps differ a little. */
const ROUNDING = 1e-6

/** How many copies bring a key's reads down to the target at each place where it lies. */
function wanted(one: KeyHeat, meanReads: number, { leastRate, target }: Aims, factor: number): number {
  const reads = one.shardReads * factor
  if (meanReads <= 0 || reads * 1_000 < leastRate * TIME_CONSTANT_MS) return 0
  return Math.max(0, Math.min(one.most, Math.ceil(reads / (target * meanReads) - ROUNDING) - 1))
}

/**
 * Decides how many copies a key has from now on. Growing is urgent, since a shard suffers, and takes effect at once;
 * shrinking is not, and waits until fewer copies would have been enough for a while and by a margin, so that a key at a
 * threshold does not come and go. A key that is changed too often, or may not have as many any more, loses them at once.
 * Copies do not change what is compared, a key's reads at all places and the mean of all shards: the loop cannot swing.
 */
export function decide(one: KeyHeat, meanReads: number, aims: Aims, nowMs: number): void {
  const from = one.copies
  one.copies = next(one, meanReads, aims, nowMs)
  if (one.copies !== from && (one.copies === 0 || from === 0)) one.sinceMs = one.copies === 0 ? 0 : nowMs
}

function next(one: KeyHeat, meanReads: number, aims: Aims, nowMs: number): number {
  if (isWriteHot(one, nowMs)) {
    one.wroteMs = nowMs
    one.lowMs = 0
    return 0
  }
  const kept = Math.min(one.copies, one.most)
  const isCool = one.wroteMs === 0 || nowMs - one.wroteMs >= CALM_MS
  const needed = isCool ? wanted(one, meanReads, aims, 1) : 0
  if (needed > kept || kept === 0) {
    one.lowMs = 0
    return Math.max(needed, kept)
  }
  const enough = wanted(one, meanReads, aims, MARGIN)
  if (enough >= kept) one.lowMs = 0
  else if (one.lowMs === 0) one.lowMs = nowMs
  else if (nowMs - one.lowMs >= CALM_MS) {
    one.lowMs = nowMs
    return Math.max(enough, Math.min(kept - 1, ONE_BY_ONE))
  }
  return kept
}

function isWriteHot({ writes, shardReads, wroteMs }: KeyHeat, nowMs: number): boolean {
  const wasOfLate = wroteMs !== 0 && nowMs - wroteMs < CALM_MS
  return writes * READS_PER_WRITE * (wasOfLate ? MARGIN : 1) > shardReads
}
