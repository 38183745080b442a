import type { DrillRecord } from '../drill-record.ts'
import { ShardLoad } from '../shard-load.ts'
import type { Figure } from './figures.ts'
import { plotSvg, type Series, type Window } from './plot.ts'

/** A picture has no more lines. */
const MOST_LINES = 4

/** GETs of each shard, second by second, and the copies on all of them; none where shards were not watched. */
export function shardFigures(
  record: Pick<DrillRecord, 'shards' | 'phases'>,
  which?: 'with copies' | 'without copies' | 'with near caches',
): readonly Figure[] {
  const { beganAt, faultAt, mendedAt, endedAt } = record.phases
  const load = new ShardLoad(record)
  if (load.names.length === 0) return []
  const seconds = Array.from(
    { length: Math.floor((endedAt - beganAt) / 1_000) },
    (_, second) => beganAt + second * 1_000,
  )
  const faults: readonly Window[] = [[(faultAt - beganAt) / 1_000, (mendedAt - beganAt) / 1_000]]
  const series = load.names.slice(0, MOST_LINES).map((shard) => ({
    name: shard,
    values: seconds.map((at) => load.gets(shard, at, at + 1_000)),
  }))
  const copies = [{ name: 'on all shards', values: seconds.map((at) => load.copies(at + 1_000)) }]
  const shown = (name: string, what: string, unit: string, lines: readonly Series[]): Figure => {
    const title = which === undefined ? what : `${what}, ${which}`
    const file = which === undefined ? name : `${name}-${which.replaceAll(' ', '-')}`
    return { file: `${file}.svg`, title, svg: plotSvg({ title, unit, series: lines, faults }) }
  }
  const hasCopies = copies.some(({ values }) => values.some((count) => count > 0))
  return [
    shown('shards', 'GETs of each shard', 'GETs a second', series),
    ...(hasCopies ? [shown('copies', 'Copies of hot keys', 'copies', copies)] : []),
  ]
}
