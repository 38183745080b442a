/** What happens in the world of a drill, besides the fault. */
export interface DrillSettings {
  readonly baselineMs: number
  readonly faultMs: number
  readonly recoveryMs: number
  readonly perSecond: number
  /** How many of those are for rows that no cache has. */
  readonly coldPerSecond: number
  readonly changesPerSecond: number
  readonly deadlineMs: number
  readonly seed: number
}

export const USUAL_DRILL: DrillSettings = {
  baselineMs: 10_000,
  faultMs: 15_000,
  recoveryMs: 20_000,
  perSecond: 1_000,
  coldPerSecond: 0,
  changesPerSecond: 20,
  deadlineMs: 2_000,
  seed: 1,
}

/** For reports. */
export function describeLoad({ perSecond, coldPerSecond, changesPerSecond, deadlineMs }: DrillSettings): string {
  const cold = coldPerSecond === 0 ? '' : `; ${coldPerSecond} of them are for rows that nobody has asked for before`
  return [
    `A load of its own process sends ${perSecond} gets a second, whether or not answers come, with a deadline of ${deadlineMs} ms${cold},`,
    `and changes ${changesPerSecond} rows a second, each by an update and then \`Invalidate\`.`,
  ].join('\n')
}
