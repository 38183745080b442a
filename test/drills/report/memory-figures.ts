import type { DrillRecord } from '../drill-record.ts'
import { FILES, HANDLES, RESIDENT, TIMERS } from '../soak/soak-verdicts.ts'
import type { Figure } from './figures.ts'
import { plotSvg, type Series, type Window } from './plot.ts'

const MIB = 1024 * 1024
const MOST_LINES = 4

/** What the sidecars held, second by second. */
export function memoryFigures(
  { phases, shape, samples }: Pick<DrillRecord, 'phases' | 'shape' | 'samples'>,
  faults: readonly Window[],
): Figure[] {
  const { beganAt, endedAt } = phases
  const seconds = Math.floor((endedAt - beganAt) / 1_000)
  const windows = faults.map(([from, to]): Window => [(from - beganAt) / 1_000, (to - beganAt) / 1_000])
  const figure = (file: string, title: string, unit: string, name: string, divisor: number): Figure => {
    const series = Array.from({ length: Math.min(shape.sidecars, MOST_LINES) }, (_, sidecar): Series => {
      const values: (number | undefined)[] = Array.from({ length: seconds }, () => undefined)
      for (const one of samples.filter((sample) => sample.sidecar === sidecar)) {
        const value = one.values[name]
        const second = Math.floor((one.at - beganAt) / 1_000)
        if (value !== undefined && second >= 0 && second < seconds) values[second] = value / divisor
      }
      return { name: `sidecar ${sidecar + 1}`, values: filled(values) }
    })
    return { file: `${file}.svg`, title, svg: plotSvg({ title, unit, series, faults: windows }) }
  }
  return [
    figure('memory', 'Resident memory of the sidecars', 'MiB', RESIDENT, MIB),
    figure('files', 'Open file descriptors of the sidecars', 'descriptors', FILES, 1),
    figure('handles', 'Active handles of the sidecars', 'handles', HANDLES, 1),
    figure('timers', 'Pending timers of the sidecars', 'timers', TIMERS, 1),
  ]
}

/** Between two samples the line goes on from the earlier one. */
function filled(values: readonly (number | undefined)[]): (number | undefined)[] {
  let last: number | undefined
  return values.map((value) => {
    last = value ?? last
    return last
  })
}
