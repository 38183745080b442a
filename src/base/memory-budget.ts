const MIB = 1024 * 1024

/** Of a process that holds nothing yet, and of its work on many calls at once. */
const BASE_MIB = 100
const LEAST_NEAR_MIB = 4
const MOST_NEAR_MIB = 1_024
/** What the near cache gets in a process that may take what it likes. */
const UNLIMITED_NEAR_MIB = 64
/** Code, and buffers of connections: what is in memory beside the heap and the near cache. */
const BESIDE_MIB = 56

export interface MemoryUse {
  /** Memory of the container; `Infinity` for one without a limit. */
  readonly containerBytes: number
  /** What the heap may grow to. */
  readonly heapBytes: number
  /** What the near cache may grow to, beside the heap. */
  readonly nearBytes: number
}

/**
 * What a near cache may take, in bytes, of a container's memory: 12 MiB of 128, 67 of 256. `image/start` takes the heap's
 * limit from what this leaves; a test compares them.
 */
export function nearBudgetBytes(containerBytes: number): number {
  if (containerBytes === Number.POSITIVE_INFINITY) return UNLIMITED_NEAR_MIB * MIB
  const share = Math.floor(((Math.floor(containerBytes / MIB) - BASE_MIB) * 43) / 100)
  return Math.min(MOST_NEAR_MIB, Math.max(LEAST_NEAR_MIB, share)) * MIB
}

/** What a container is short of when all of this is in use; 0 where it fits. */
export function missingBytes({ containerBytes, heapBytes, nearBytes }: MemoryUse): number {
  return Math.max(0, heapBytes + nearBytes + BESIDE_MIB * MIB - containerBytes)
}
