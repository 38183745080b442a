import { type DrillRecord, slicesBetween } from '../drill-record.ts'
import type { Invariant } from '../invariants.ts'
import { sumOf, total } from '../load/slice.ts'
import { summaryOf } from '../timeline.ts'

const LEAST_ANSWERED = 0.999
const FAIL_WITHIN_MS = 50
const RETURN_MS = 10_000

/** The breaker before the database, as a sidecar tells of it; 2 = open. */
export const BREAKER = 'ringside_breaker_state{name="origin:catalog"}'
const OPEN = 2

/** When the breakers of all sidecars were open first, after that moment; `undefined` = they never were. */
export function allOpenAt({ samples, phases, shape }: DrillRecord): number | undefined {
  const openAt = Array.from({ length: shape.sidecars }, (_, sidecar) => {
    const isOpen = (values: Readonly<Record<string, number>>) => values[BREAKER] === OPEN
    return samples.find((one) => one.sidecar === sidecar && one.at >= phases.faultAt && isOpen(one.values))?.at
  })
  return openAt.includes(undefined) ? undefined : Math.max(...(openAt as number[]))
}

export function downVerdicts(record: DrillRecord): Invariant[] {
  return [known(record), misses(record), storm(record)]
}

function known(record: DrillRecord): Invariant {
  const { faultAt, mendedAt } = record.phases
  const those = slicesBetween(record, faultAt, mendedAt).filter(({ cold }) => !cold)
  const gets = total(those, (slice) => slice.gets)
  const answered = total(those, ({ sources }) => sumOf(sources))
  return {
    name: `gets for cached keys go on being answered (at least ${LEAST_ANSWERED * 100} %)`,
    passed: gets > 0 && answered >= gets * LEAST_ANSWERED,
    seen: `${answered} of ${gets}`,
  }
}

function misses(record: DrillRecord): Invariant {
  const openAt = allOpenAt(record)
  const { faultAt, mendedAt } = record.phases
  const those = slicesBetween(record, openAt ?? mendedAt, mendedAt).filter(({ cold }) => cold)
  const { gets, p99Ms, failures } = summaryOf(those)
  const opened = openAt === undefined ? 'never opened' : `open after ${((openAt - faultAt) / 1_000).toFixed(1)} s`
  return {
    name: `misses fail within ${FAIL_WITHIN_MS} ms (p99) once the breakers are open`,
    passed: openAt !== undefined && gets > 0 && p99Ms < FAIL_WITHIN_MS && sumOf(failures) === gets,
    seen: `p99 ${p99Ms.toFixed(1)} ms, ${sumOf(failures)} of ${gets} failed; breakers ${opened}`,
  }
}

/** A share of the limit is as many connections as a sidecar may have, so more than the limit were made in vain. */
function storm({ connectedAt, gauges, phases, shape }: DrillRecord): Invariant {
  const { mendedAt } = phases
  const made = connectedAt.filter((at) => at >= mendedAt && at < mendedAt + RETURN_MS).length
  const most = Math.max(0, ...gauges.filter(({ at }) => at >= mendedAt).map(({ connections }) => connections))
  return {
    name: `no storm of connections when it is back: at most ${shape.originLimit} are made within ${RETURN_MS / 1_000} s, and stand`,
    passed: made <= shape.originLimit && most <= shape.originLimit,
    seen: `${made} made, at most ${most} stood at once`,
  }
}
