import { setInterval as every } from 'node:timers/promises'
import type { ServiceError } from '@grpc/grpc-js'
import { CacheClient } from '../rpc/client.ts'

/** One call of an open-loop load. Times in ms since the load began. */
export interface Sample {
  readonly key: string
  readonly sentAt: number
  readonly tookMs: number
  /** The value, or the gRPC status code of the failure. */
  readonly value: string | undefined
  readonly code: number
  readonly source: string | undefined
  readonly degraded: boolean
}

export interface LoadOptions {
  readonly target: string
  readonly perSecond: number
  readonly forMs: number
  readonly deadlineMs: number
  readonly request: (index: number) => { readonly keyspace: string; readonly key: string }
}

const TICK_MS = 10

/** Sends calls at a fixed rate, whether or not earlier ones have been answered, and tells what became of each. */
export async function openLoop({ target, perSecond, forMs, deadlineMs, request }: LoadOptions): Promise<Sample[]> {
  const clients = Array.from({ length: 4 }, () => new CacheClient(target))
  const begunAt = performance.now()
  const calls: Promise<Sample>[] = []
  const total = (forMs / 1_000) * perSecond
  const one = async (index: number): Promise<Sample> => {
    const { keyspace, key } = request(index)
    const sentAt = performance.now()
    const sample = { key, sentAt: sentAt - begunAt }
    try {
      const client = clients[index % clients.length] as CacheClient
      const answer = await client.get({ keyspace, key }, { deadline: Date.now() + deadlineMs })
      const { source, degraded } = answer
      return {
        ...sample,
        tookMs: performance.now() - sentAt,
        value: answer.value.toString(),
        code: 0,
        source,
        degraded,
      }
    } catch (error) {
      const { code } = error as ServiceError
      return {
        ...sample,
        tookMs: performance.now() - sentAt,
        value: undefined,
        code,
        source: undefined,
        degraded: false,
      }
    }
  }
  for await (const _ of every(TICK_MS)) {
    const due = Math.min(total, ((performance.now() - begunAt) / 1_000) * perSecond)
    while (calls.length < due) calls.push(one(calls.length))
    if (calls.length >= total) break
  }
  const samples = await Promise.all(calls)
  for (const client of clients) client.close()
  return samples
}
