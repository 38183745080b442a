import type { Clock } from '../base/clock.ts'
import { formatDuration } from '../base/duration.ts'
import type { WarmReport } from './warm.ts'
import type { WarmSum } from './warm-sum.ts'

export interface WarmReportOptions {
  readonly clock: Pick<Clock, 'now'>
  /** Whether a line can be written over. */
  readonly isLive: boolean
  readonly write: (text: string) => void
}

const BAR = 24
/** Where lines stay, they come so seldom. */
const LINE_EACH_MS = 5_000
const CLEARED = '\r\x1b[K'

/** How far it is, for eyes: a bar that moves where it can, and a line now and then where it cannot. */
export function warmReport({ clock, isLive, write }: WarmReportOptions): WarmReport {
  let nextAt = Number.NEGATIVE_INFINITY
  return {
    progress(sum) {
      if (isLive) return write(`${CLEARED}${bar(sum)} ${told(sum)}`)
      if (clock.now() < nextAt) return
      nextAt = clock.now() + LINE_EACH_MS
      write(`${told(sum)}\n`)
    },
    interrupted: (why) =>
      write(`${isLive ? CLEARED : ''}broken off (${why}); going on as soon as the sidecar is back\n`),
    done(sum) {
      const failures = sum.failures.map(({ key, reason, message }) => `  ${key}: ${reason}: ${message}\n`)
      const more = sum.failed > failures.length ? `  and ${sum.failed - failures.length} more\n` : ''
      write(`${isLive ? CLEARED : ''}${settled(sum)}\n${failures.join('')}${more}`)
    },
  }
}

/** The same for programs: a line of JSON each time, of which the last has `done: true`. */
export function jsonReport(write: (text: string) => void): WarmReport {
  const line = (sum: WarmSum, done: boolean) => {
    const { all, loaded, present, missing, failed, keysPerSecond, leftMs, failures } = sum
    const counts = { done, total: all, loaded, present, missing, failed }
    write(`${JSON.stringify({ ...counts, keysPerSecond, leftMs, failures })}\n`)
  }
  return {
    progress: (sum) => line(sum, false),
    interrupted: (why) => write(`${JSON.stringify({ done: false, interrupted: why })}\n`),
    done: (sum) => line(sum, true),
  }
}

function bar({ all, done }: WarmSum): string {
  if (all === undefined) return `[${'?'.repeat(BAR)}]`
  const full = all === 0 ? BAR : Math.min(BAR, Math.floor((done / all) * BAR))
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}]`
}

function told({ all, done, failed, keysPerSecond, leftMs }: WarmSum): string {
  const rate = `${Math.round(keysPerSecond)} keys/s`
  const left = leftMs === undefined ? '' : `, ${formatDuration(Math.ceil(leftMs / 1_000) * 1_000)} left`
  return `${done}/${all ?? '?'} keys, ${failed} failed, ${rate}${left}`
}

function settled({ done, loaded, present, missing, failed }: WarmSum): string {
  return `${done} keys: ${loaded} loaded, ${present} present already, ${missing} that the origin does not have, ${failed} failed`
}
