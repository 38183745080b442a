import type { Chance } from './base/chance.ts'
import type { Clock } from './base/clock.ts'
import type { Log } from './base/log.ts'
import { missingBytes, nearBudgetBytes } from './base/memory-budget.ts'
import { containerBytes, heapLimitBytes } from './base/process-memory.ts'
import { formatSize } from './base/size.ts'
import type { Config } from './config/config.ts'
import { createNearCache } from './near/create-near-cache.ts'
import type { NearCache } from './near/near-cache.ts'

export interface NearSurroundings {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

const MIB = 1024 * 1024

/** The near cache as it is configured, or as large as the container allows; says what memory is taken for what. */
export function openNear({ near, keyspaces }: Config, { clock, chance, log }: NearSurroundings): NearCache {
  const container = containerBytes()
  const maxBytes = near.maxBytes ?? nearBudgetBytes(container)
  const use = { containerBytes: container, heapBytes: heapLimitBytes(), nearBytes: maxBytes }
  const said = { container: container === Number.POSITIVE_INFINITY ? 'no limit' : inMib(container) }
  log.info({ ...said, heap: inMib(use.heapBytes), near: inMib(maxBytes) }, 'memory that may be taken')
  const missing = missingBytes(use)
  if (missing > 0) {
    const advice = 'lower near.maxBytes, start by image/start or with --max-old-space-size, or raise the limit'
    log.warn({ missing: inMib(missing), advice }, 'the container has not enough memory for all that may be taken')
  }
  const maxShares = keyspaces.map((policy) => policy.nearShare)
  return createNearCache({ ...near, maxBytes, maxShares, seed: chance.bytes(4).readUInt32LE() }, clock)
}

function inMib(bytes: number): string {
  return formatSize(Math.round(bytes / MIB) * MIB)
}
