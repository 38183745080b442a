import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/** Of a container's memory, what a process in it may take: the system counts its own buffers for the container too. */
const OWN_SHARE = 0.95
const PAGE_BYTES = 4_096

/**
 * Memory of this process that is in RAM and can be nowhere else, in bytes. Its code, some 45 MB, is on disk as well: the
 * system lets go of that before it ends a process, so it is not counted where the system tells it apart.
 */
export function heldBytes(): number {
  try {
    const [, resident, shared] = readFileSync('/proc/self/statm', 'latin1').split(' ')
    return (Number(resident) - Number(shared)) * PAGE_BYTES
  } catch {
    return process.memoryUsage.rss()
  }
}

/** Memory of the container that this process is in; `Infinity` where there is no limit. */
export function containerBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : Number.POSITIVE_INFINITY
}

/** Memory that this process should not take more of, in bytes; `Infinity` outside of a container with a limit. */
export function mostHeldBytes(): number {
  return OWN_SHARE * containerBytes()
}

/** What the heap may grow to, in bytes, before the process ends. */
export function heapLimitBytes(): number {
  return getHeapStatistics().heap_size_limit
}
