import type { Invariant } from '../invariants.ts'
import { median } from '../median.ts'
import type { SidecarSample } from '../world/sidecar-watch.ts'

const MOST_GROWTH = 0.1

export const RESIDENT = 'process_resident_memory_bytes'
export const FILES = 'process_open_fds'
export const HANDLES = 'nodejs_active_handles_total'
export const RESOURCES = 'nodejs_active_resources_total'
export const TIMERS = 'ringside_timers'

/** A time without faults. */
export interface Calm {
  readonly from: number
  readonly to: number
}

export interface Held {
  readonly sidecars: number
  readonly samples: readonly SidecarSample[]
  readonly before: Calm
  readonly after: Calm
  /** For memory: so long before the end of each calm time, too, as the collector may happen to have tidied up in one of them. */
  readonly memoryMs: number
  /** Connections to the database, which come and go. */
  readonly pool: number
  /** What each sidecar has logged. */
  readonly logs: readonly string[]
}

/** What the sidecars hold after the faults, beside what they held before: medians of calm times, and the most memory. */
export function heldVerdicts(held: Held): Invariant[] {
  return [memory(held), ...[FILES, HANDLES, RESOURCES, TIMERS].map((name) => countOf(held, name)), listeners(held)]
}

function both({ samples, before, after }: Held, sidecar: number, name: string): readonly [number, number] {
  const within = ({ from, to }: Calm) =>
    median(
      samples
        .filter((one) => one.sidecar === sidecar && one.at >= from && one.at <= to)
        .map(({ values }) => values[name] ?? Number.NaN),
    )
  return [within(before), within(after)]
}

const pairs = (held: Held, name: string) =>
  Array.from({ length: held.sidecars }, (_, sidecar) => both(held, sidecar, name))

function largest({ samples, memoryMs }: Held, sidecar: number, { to }: Calm): number {
  const those = samples.filter((one) => one.sidecar === sidecar && one.at >= to - memoryMs && one.at <= to)
  return Math.max(0, ...those.map(({ values }) => values[RESIDENT] ?? 0))
}

function memory(held: Held): Invariant {
  const sidecars = Array.from({ length: held.sidecars }, (_, sidecar) => sidecar)
  const growths = sidecars.map((one) => [largest(held, one, held.before), largest(held, one, held.after)] as const)
  const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1)
  return {
    name: `resident memory of no sidecar has grown by more than ${MOST_GROWTH * 100} %`,
    passed: growths.every(([before, after]) => before > 0 && after > 0 && after <= before * (1 + MOST_GROWTH)),
    seen: growths
      .map(([before, after]) => `${mib(before)} → ${mib(after)} MiB (${((after / before - 1) * 100).toFixed(1)} %)`)
      .join(', '),
  }
}

function countOf(held: Held, name: string): Invariant {
  const counts = pairs(held, name)
  return {
    name: `no more \`${name}\` than before, but for connections of the pool`,
    passed: counts.every(([before, after]) => before >= 0 && after <= before + held.pool),
    seen: counts.map(([before, after]) => `${before} → ${after}`).join(', '),
  }
}

/** Node warns once an emitter has more listeners than it should. */
function listeners({ logs }: Held): Invariant {
  const warned = logs.filter((log) => log.includes('MaxListenersExceededWarning')).length
  return {
    name: 'no emitter has gathered listeners (Node would warn)',
    passed: warned === 0 && logs.length > 0,
    seen: `${warned} of ${logs.length} sidecars were warned`,
  }
}
