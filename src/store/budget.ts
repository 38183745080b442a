/** What one sidecar says of one origin: how much of it it uses, and would like to. Amounts are in calls at once. */
export interface BudgetAsk {
  /** The control key of the origin's table. */
  readonly key: string
  readonly member: string
  /** Counts this member's asks from 1: one that comes in after a later one is not heeded. */
  readonly turn: number
  /** What the whole fleet may have under way, and how many sidecars that is at most. */
  readonly limit: number
  readonly fleet: number
  /** Calls that have left and not settled. */
  readonly running: number
  /** Until the answer is here it starts no call beyond this. */
  readonly share: number
  readonly wants: number
  /** It counts on its floor, whatever the table says. */
  readonly seated: boolean
  /** How long a share is good for, from the moment the ask was sent. */
  readonly leaseMs: number
  /** How long a call that was started within a share may go on after that. */
  readonly settleMs: number
  /** The table has had another home, or may have one for others: this one is to lend nothing yet. */
  readonly moved: boolean
  /** It is the last word, and nothing runs. */
  readonly leaves: boolean
}

/**
 * Whether a sidecar may count on its floor, `limit / fleet` rounded down.
 * - `taken`: yes, for as long as it lives.
 * - `waiting`: not before any sidecar that it may stand in for has nothing under way.
 * - `beyond`: no; as many sidecars as there may be are alive.
 */
export type Seat = 'taken' | 'waiting' | 'beyond'

export type BudgetGrant =
  /** A later ask of the same member was heeded before. */
  | { readonly outcome: 'late' }
  | {
      readonly outcome: 'granted'
      /** What may be used for `leaseMs` from the moment the ask was sent; a floor that is taken is in it. */
      readonly share: number
      readonly seat: Seat
      /** For so long the table only renews, since others may hold what it does not know of; 0 = it grants. */
      readonly waitsMs: number
    }

/** What each of a fleet may use without asking. */
export function floorOf({ limit, fleet }: Pick<BudgetAsk, 'limit' | 'fleet'>): number {
  return Math.floor(limit / fleet)
}
