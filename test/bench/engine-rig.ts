import { CacheClient } from '../rpc/client.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'
import { LOAD_CORE, moveTo, SERVER_CORE } from './child.ts'

/** The engine under test, and the one it is held against. */
export const OURS = 'wire'
export const PEER = 'grpc-js'

export const MIB = 1 << 20
/** Sizes of the values in keyspace `near`, each under its size as the key. */
export const SIZES = [100, 2_048, 64 << 10, 4 * MIB] as const
const SHARDS = 3
const BATCH = 50

/** Real Redis servers and a sidecar of each engine asked for, all of one configuration. */
export interface EngineRig {
  readonly redis: readonly RedisServer[]
  readonly sidecars: readonly Sidecar[]
  stop(): Promise<void>
}

/** Sidecars run on one core; the servers behind them share the other with the load. */
export async function startEngines(...engines: readonly (typeof OURS | typeof PEER)[]): Promise<EngineRig> {
  const redis = await Promise.all(Array.from({ length: SHARDS }, () => startRedis()))
  const sidecars: Sidecar[] = []
  const stop = async () => {
    for (const sidecar of sidecars) await sidecar.stop()
    for (const server of redis) await server.stop()
  }
  try {
    for (const { client } of redis) moveTo(LOAD_CORE, processOf(await client.info('server')))
    const config = configOf(redis.map(({ url }) => url))
    for (const engine of engines) sidecars.push(await startSidecar({ config, engine, core: SERVER_CORE, sheds: true }))
    for (const size of SIZES) await fill(sidecars, 'near', [String(size)], size)
  } catch (error) {
    await stop()
    throw error
  }
  return { redis, sidecars, stop }
}

export function processOf(info: string): number {
  return Number(/process_id:(\d+)/.exec(info)?.[1])
}

function configOf(urls: readonly string[]): string {
  return `
env: bench
shards: { topology: ring, nodes: [${urls.map((url, index) => `{ name: s${index}, primary: "${url}" }`).join(', ')}] }
log: { level: warn }
keyspaces:
  near: { consistency: bounded, maxStaleness: 5s, ttl: 1h }
  shard: { consistency: bounded, maxStaleness: 5s, ttl: 1h, near: false }
`
}

/** Stores values under keys, and reads them by each sidecar so that keys of keyspace `near` are near. */
export async function fill(
  sidecars: readonly Sidecar[],
  keyspace: string,
  keys: readonly string[],
  bytes: number,
  tags: readonly string[] = [],
): Promise<void> {
  const clients = sidecars.map(({ grpc }) => new CacheClient(grpc, { 'grpc.max_receive_message_length': -1 }))
  const value = Buffer.alloc(bytes, 'x')
  const expected = keyspace === 'near' ? 'SOURCE_NEAR' : 'SOURCE_PRIMARY'
  for (let from = 0; from < keys.length; from += BATCH) {
    const some = keys.slice(from, from + BATCH)
    await Promise.all(some.map((key) => clients[0]!.set({ keyspace, key, value, tags: [...tags] })))
    for (const client of clients) {
      const sources = () => Promise.all(some.map(async (key) => (await client.get({ keyspace, key })).source))
      // A change takes a moment to reach a near cache.
      await until(`answers from ${expected}`, async () => (await sources()).every((source) => source === expected))
    }
  }
  for (const client of clients) client.close()
}
