import { type ServiceError, status } from '@grpc/grpc-js'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { SetRequest } from '../../src/gen/ringside/v1/SetRequest.ts'
import { CacheClient } from '../rpc/client.ts'
import type { Check } from './check.ts'
import { type EngineRig, fill, OURS, startEngines } from './engine-rig.ts'
import { inTurns, midOf, ratioOf } from './in-turns.ts'
import { countFor, type NearLoad, nearHits } from './near-hits.ts'
import { table } from './table.ts'
import type { Measured } from './with-cpu.ts'

const ROUNDS = 6
const SECONDS = 0.6
const TAGS = [1, 4, 16]
const UNTAGGED: NearLoad = { valueBytes: 2_048, connections: 4, inFlight: 10 }

const MANY_TAGS = 1_000
const ENTRIES_PER_TAG = 1_000
const SETS_AT_ONCE = 200
const BUSY_MS = 50

const throughput = (run: Measured): number => run.perSecond
const cpu = (run: Measured): number => run.cpuPerRequest

/** What tags cost: a near hit of an entry that carries some, and the invalidation of a thousand of them. */
export async function tagsBenchmark(): Promise<{ text: string; checks: Check[] }> {
  const rig = await startEngines(OURS)
  try {
    return { text: `${await nearHitsWithTags(rig)}\n${await manyTags(rig)}`, checks: [] }
  } finally {
    await rig.stop()
  }
}

async function nearHitsWithTags({ sidecars: [sidecar] }: EngineRig): Promise<string> {
  const rows = [['near hit of 2 KB with', '/s', 'untagged /s', 'ratio', 'CPU µs', 'untagged CPU µs']]
  const untagged = await countFor(SECONDS, sidecar!, UNTAGGED)
  for (const count of TAGS) {
    const load = { ...UNTAGGED, key: `tagged-${count}`, leastShare: 0.95 }
    const tags = Array.from({ length: count }, (_, tag) => `t${tag}`)
    await fill([sidecar!], 'near', [load.key], load.valueBytes, tags)
    const tagged = await countFor(SECONDS, sidecar!, load)
    const paired = await inTurns(`near hits with ${count} tags`, ROUNDS, () => [
      () => nearHits(sidecar!, tagged, load),
      () => nearHits(sidecar!, untagged, UNTAGGED),
    ])
    const { ours, peers } = paired
    const sides = [midOf(ours, throughput), midOf(peers, throughput), ratioOf(paired, throughput).toFixed(2)]
    rows.push([`${count} tags`, ...sides, midOf(ours, cpu, 1), midOf(peers, cpu, 1)])
  }
  return table(rows)
}

/** It is about what comes afterwards: a shard that is too busy for so many is given another moment. */
async function settled(client: CacheClient, request: SetRequest): Promise<void> {
  for (;;) {
    try {
      await client.set(request)
      return
    } catch (error) {
      if ((error as ServiceError).code !== status.UNAVAILABLE) throw error
      await pause(systemClock, BUSY_MS)
    }
  }
}

async function manyTags({ sidecars: [sidecar], redis }: EngineRig): Promise<string> {
  const client = new CacheClient(sidecar!.grpc)
  const value = Buffer.alloc(100, 'x')
  for (let tag = 0; tag < MANY_TAGS; tag += 1) {
    if (tag % 100 === 0) process.stderr.write(`entries of ${tag} of ${MANY_TAGS} tags\n`)
    for (let from = 0; from < ENTRIES_PER_TAG; from += SETS_AT_ONCE) {
      const entries = Array.from({ length: SETS_AT_ONCE }, (_, entry) => `${tag}-${from + entry}`)
      await Promise.all(entries.map((key) => settled(client, { keyspace: 'shard', key, value, tags: [`t${tag}`] })))
    }
  }
  const stored = await Promise.all(redis.map((server) => server.client.dbsize()))
  const targets = Array.from({ length: MANY_TAGS }, (_, tag) => ({ keyspace: 'shard', tag: `t${tag}` }))
  const begunAt = performance.now()
  const { results } = await client.invalidate({ targets })
  const tookMs = performance.now() - begunAt
  const requests = targets.map((_, tag) => ({ keyspace: 'shard', key: `${tag}-${tag}` }))
  const after = await client.batchGet({ requests })
  const found = after.results.filter(({ response }) => response?.outcome === 'OUTCOME_FOUND').length
  client.close()
  if (found > 0 || results.some(({ deferred }) => deferred)) throw new Error(`${found} entries outlived their tags`)
  const keys = stored.reduce((sum, one) => sum + one, 0)
  const header = ['tags invalidated in one call', 'keys on the shards', 'ms', 'µs a tag']
  return table([header, [`${MANY_TAGS}`, `${keys}`, tookMs.toFixed(0), ((tookMs * 1_000) / MANY_TAGS).toFixed(0)]])
}
