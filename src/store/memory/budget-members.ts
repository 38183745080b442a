/** What is known of one sidecar that asks for its share of an origin. Amounts are in calls at once. */
export interface Member {
  readonly turn: number
  /** It may have that many calls under way. */
  held: number
  readonly wants: number
  /** What it may use without asking; 0 = it has no seat. */
  floor: number
  readonly limit: number
  readonly fleet: number
  /** From when it counts as silent. */
  readonly quietAtMs: number
  /** From when nothing of what it held can run any more. */
  readonly lapsesAtMs: number
  /** It fell silent with a seat: it may still use its floor, which is kept free for as many as there may be. */
  isGone: boolean
  /** It is its turn to have one more than the level. */
  hasExtra: boolean
  /** When that turn began, or else the last one ended. */
  sinceMs: number
}

/** What a table knows of all. */
export interface Table {
  readonly run: string
  readonly members: Map<string, Member>
  bornAtMs: number
  /** The longest time for which anything that was granted may run. */
  longestMs: number
  askedAtMs: number
  /** Since the last survey. */
  asks: number
  /** The smallest and the largest limit that is configured somewhere, the largest fleet and floor. */
  least: number
  most: number
  fleet: number
  floor: number
  /** Members with a floor of their own, and those that fell silent with one. */
  seats: number
  gone: number
  /** At the last survey: of the seats those that were heard of lately, and the sum of their floors. */
  alive: number
  floors: number
  /** The sum of what members count for. */
  used: number
  /** Up to here everybody has what it wants. */
  level: number
}

/** What a member may have under way, as far as the sum goes. */
export function counted({ held, floor }: Member): number {
  return Math.max(held, floor)
}

/** The floors of those who are not there, or not heard of. */
export function reserve({ fleet, floor }: Table, seats: number): number {
  return Math.max(0, fleet - seats) * floor
}

export function targetOf({ floor, wants }: Member, level: number): number {
  return Math.max(floor, Math.min(wants, level))
}
