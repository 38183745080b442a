import type { DrillRecord } from '../drill-record.ts'
import { summaryOf } from '../timeline.ts'

const BUSY_MS = 20

/** The setting, and a warning where the load itself was late: latencies then tell of the machine, not of the cache. */
export function withLateness(setting: string, { slices }: Pick<DrillRecord, 'slices'>): string {
  const { lagP99Ms } = summaryOf(slices)
  if (lagP99Ms <= BUSY_MS) return setting
  return `${setting}\n\n**The machine was busy**: the load itself was late by ${lagP99Ms.toFixed(0)} ms (p99), so latencies say little.`
}
