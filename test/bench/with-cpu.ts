import { cpuMicros } from './cpu.ts'
import type { Run } from './run.ts'

export interface Measured extends Run {
  /** CPU time of the process watched, in µs a request. */
  readonly cpuPerRequest: number
}

/** A run of load, and what it cost the process `pid`. */
export async function withCpu(pid: number, load: () => Promise<Run>): Promise<Measured> {
  const before = cpuMicros(pid)
  const run = await load()
  return { ...run, cpuPerRequest: (cpuMicros(pid) - before) / run.requests }
}
