import { totalmem } from 'node:os'

/** Of a container's memory, what a process in it may take: the system counts its own buffers for the container too. */
const OWN_SHARE = 0.95

/** Memory of this process that is in RAM, in bytes. */
export function residentBytes(): number {
  return process.memoryUsage.rss()
}

/** Memory that this process should not take more of, in bytes; `Infinity` outside of a container with a limit. */
export function mostResidentBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? OWN_SHARE * limit : Number.POSITIVE_INFINITY
}
