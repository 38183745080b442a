import type { DrillRecord } from '../drill-record.ts'
import type { Second } from '../timeline.ts'
import { plotSvg, type Series, type Window } from './plot.ts'

/** A picture in a report. */
export interface Figure {
  readonly file: string
  readonly title: string
  readonly svg: string
}

/** As many statuses have a line of their own in a picture. */
const MOST_LINES = 4

/** What each second of a drill looked like. */
export function figuresOf(
  { phases, shape, empties }: Pick<DrillRecord, 'phases' | 'shape' | 'empties'>,
  seconds: readonly Second[],
  faults: readonly Window[] = [[phases.faultAt, phases.mendedAt]],
): Figure[] {
  const windows = faults.map(([from, to]): Window => [inSeconds(phases, from), inSeconds(phases, to)])
  const line = (name: string, of: (second: Second) => number | undefined): Series => ({
    name,
    values: seconds.map(of),
  })
  const figure = (file: string, title: string, unit: string, series: readonly Series[], more: object = {}): Figure => ({
    file: `${file}.svg`,
    title,
    svg: plotSvg({ title, unit, series, faults: windows, ...more }),
  })
  const hitLines = [
    line('hit ratio', (s) => s.hitRatio * 100),
    ...(empties ? [line('but for the first get of each key', (s) => s.repeatHitRatio * 100)] : []),
  ]
  return [
    figure('hit-ratio', 'Hit ratio: gets answered by a cache', '%', hitLines, {
      least: 100,
    }),
    figure(
      'latency',
      'Latency of the gets, from the moment they were due',
      'ms',
      [line('p50', (s) => s.p50Ms), line('p99', (s) => s.p99Ms), line('p99.9', (s) => s.p999Ms)],
      { logarithmic: true },
    ),
    figure('database-loads', 'Loads that the database ran', 'loads a second', [
      line('loads a second', (s) => s.loadsPerSecond),
    ]),
    figure(
      'database-concurrency',
      'Loads at once, as the database counts',
      'loads at once',
      [line('most seen in the second', (s) => s.loadsAtOnce)],
      { limit: shape.originLimit },
    ),
    figure('errors', 'Failed gets', 'a second', failures(seconds)),
    figure('stale', 'Answers older than the row in the database', 'a second', [
      line('older, within the promise or marked', (s) => s.older),
      line('marked as degraded', (s) => s.degraded),
    ]),
    figure('load-lag', 'Lag of the load itself: how late gets left', 'ms', [line('p99', (s) => s.lagP99Ms)], {
      least: 5,
    }),
  ]
}

const inSeconds = ({ beganAt }: DrillRecord['phases'], at: number): number => (at - beganAt) / 1_000

function failures(seconds: readonly Second[]): Series[] {
  const names = [...new Set(seconds.flatMap(({ failures }) => Object.keys(failures)))].slice(0, MOST_LINES)
  return (names.length === 0 ? ['failures'] : names).map((name) => ({
    name,
    values: seconds.map((second) => second.failures[name] ?? 0),
  }))
}
