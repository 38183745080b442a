import type { Sidecar } from '../support/sidecar.ts'
import { framedGet } from './get-message.ts'
import { type H2Load, h2load } from './h2load.ts'
import { type Measured, withCpu } from './with-cpu.ts'

const NEAR_HITS = 'ringside_requests_total{keyspace="near",method="Get",outcome="found",source="near"}'

export interface NearLoad extends Omit<H2Load, 'address' | 'body' | 'count'> {
  readonly valueBytes: number
  /** Under which it lies; its size unless given. */
  readonly key?: string
  /** The share of near hits that is enough; all unless given. What carries tags is read again when its tags were not heard of in time. */
  readonly leastShare?: number
  /** By the sidecar's Unix socket rather than TCP. */
  readonly bySocket?: boolean
}

/** Gets of one hot key by h2load; fails unless the sidecar counted them as near hits. */
export async function nearHits(
  sidecar: Sidecar,
  count: number,
  { valueBytes, key = String(valueBytes), leastShare = 1, bySocket, ...load }: NearLoad,
) {
  const address = bySocket === true ? `unix:${sidecar.socket}` : sidecar.grpc
  const body = framedGet({ keyspace: 'near', key })
  const before = await sidecar.metric(NEAR_HITS)
  const run: Measured = await withCpu(sidecar.pid, () => h2load({ ...load, address, body, count }))
  const hits = (await sidecar.metric(NEAR_HITS)) - before
  if (hits < leastShare * count) throw new Error(`${hits} of ${count} were near hits`)
  return run
}

/** How many requests keep the sidecar busy for about `seconds`, measured after it has warmed up. */
export async function countFor(seconds: number, sidecar: Sidecar, load: NearLoad): Promise<number> {
  const lanes = (load.connections ?? 1) * load.inFlight
  const warm = Math.max(2_000, 20 * lanes)
  const { perSecond } = await nearHits(sidecar, warm, load)
  const { perSecond: settled } = await nearHits(sidecar, Math.max(warm, Math.round(perSecond / 2)), load)
  return Math.max(warm, Math.round(settled * seconds))
}
