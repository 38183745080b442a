import { systemClock } from '../../src/base/clock.ts'
import { until } from '../support/until.ts'
import type { TorturedClient } from './client.ts'
import type { Cluster } from './cluster.ts'
import { allKeys } from './keys.ts'
import { KEYSPACES } from './keyspaces.ts'
import type { SidecarProcess } from './sidecar-process.ts'

const WITHIN_MS = 40_000

/** How long it took until all was well; or what still was not when that had taken too long. */
export type Recovery = { readonly afterMs: number } | { readonly unwell: string }

/**
 * Waits until all is as if nothing had ever happened: replicas follow, nobody has a reason not to be ready, and every
 * sidecar answers every key within its bound, strictly read ones from their home shard.
 */
export async function recovery(cluster: Cluster, clients: readonly TorturedClient[]): Promise<Recovery> {
  const begunAt = systemClock.now()
  try {
    await Promise.all(cluster.shards.map(({ pair }) => pair.inStep()))
    for (const sidecar of cluster.sidecars) await nothing(`reason of ${sidecar.name}`, () => reasonOf(sidecar))
    for (const client of clients) await nothing(`bad answer of ${client.name}`, () => badAnswerOf(client))
    return { afterMs: systemClock.now() - begunAt }
  } catch (error) {
    return { unwell: (error as Error).message }
  }
}

/** Waits until there is nothing left to tell. */
async function nothing(what: string, tell: () => Promise<string>): Promise<void> {
  let told = ''
  const silent = async () => {
    told = await tell()
    return told === ''
  }
  await until(what, silent, WITHIN_MS).catch(() => {
    throw new Error(`after ${WITHIN_MS} ms there still is a ${what}: ${told}`)
  })
}

async function reasonOf(sidecar: SidecarProcess): Promise<string> {
  const reasons = await sidecar.reasons().catch(() => ['no answer from /readyz'])
  return reasons.join('; ')
}

/** Writers go on, so some keys have just been invalidated; most strictly read ones are to come from their home shard. */
async function badAnswerOf(client: TorturedClient): Promise<string> {
  for (const { name: keyspace, strong, states } of KEYSPACES) {
    const keys = allKeys()
    let failure = 'no answer'
    const { results } = await client.batchGet(keys.map((key) => ({ keyspace, key }))).catch((error: Error) => {
      failure = `the whole batch failed: ${error.message}`
      return { results: [] }
    })
    const answers = results.flatMap(({ response }) => response ?? [])
    if (answers.length < keys.length)
      return `${keyspace}: ${JSON.stringify(results.find(({ error }) => error)?.error ?? failure)}`
    // In a keyspace that the app fills, a reader who leaves its lease unused makes others see stale values for a while.
    if (states === 'origin' && answers.some(({ degraded }) => degraded)) return `${keyspace}: a degraded answer`
    const fromHome = answers.filter(({ source }) => source === 'SOURCE_PRIMARY').length
    if (strong && fromHome < keys.length / 2)
      return `${keyspace}: only ${fromHome} of ${keys.length} come from their home shard`
  }
  return ''
}
