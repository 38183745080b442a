import { CacheClient } from '../rpc/client.ts'
import { startRedis } from '../support/redis.ts'
import { startSidecar } from '../support/sidecar.ts'
import type { Check } from './check.ts'
import { residentBytes } from './cpu.ts'
import { nearMemoryBenchmark } from './near-memory.ts'
import { table } from './table.ts'

const START_BAR_BYTES = 110e6
const NEAR_BYTES = 64 << 20
const BATCH = 500
const KEYSPACE = 'keyspaces: { session: { consistency: tolerant, ttl: 1h } }'

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)

/** Memory of the process at the start and with its near cache full of values of two sizes, and of the cache by itself. */
export async function memoryBenchmark(): Promise<{ readonly text: string; readonly checks: readonly Check[] }> {
  const rows = [
    ['near cache of 64 MiB full of', 'entries', 'RSS at start MB', 'RSS full MB', 'near bytes MB', 'RSS a near byte'],
  ]
  let startBytes = 0
  for (const valueBytes of [2_048, 100]) {
    process.stderr.write(`memory: filling a near cache with values of ${valueBytes} bytes\n`)
    const filled = await fillNear(valueBytes)
    startBytes = Math.max(startBytes, filled.startBytes)
    const grown = filled.fullBytes - filled.startBytes
    const { entries, nearBytes, fullBytes } = filled
    const cells = [mb(filled.startBytes), mb(fullBytes), mb(nearBytes), (grown / nearBytes).toFixed(2)]
    rows.push([`${valueBytes} B values`, String(entries), ...cells])
  }
  const passed = startBytes <= START_BAR_BYTES
  const start = { name: 'RSS at start', passed, detail: `${mb(startBytes)} MB, at most ${mb(START_BAR_BYTES)} MB` }
  const near = await nearMemoryBenchmark()
  return { text: `${table(rows)}\n\n${near.text}`, checks: [start, ...near.checks] }
}

async function fillNear(valueBytes: number) {
  const redis = await startRedis()
  const shards = `shards: { topology: ring, nodes: [{ name: a, primary: "${redis.url}" }] }`
  const config = `env: bench\n${shards}\nnear: { maxBytes: 64MiB }\n${KEYSPACE}`
  const sidecar = await startSidecar({ config, sheds: true })
  const client = new CacheClient(sidecar.grpc)
  const startBytes = residentBytes(sidecar.pid)
  const value = Buffer.alloc(valueBytes, 'x')
  let written = 0
  while ((await sidecar.metric('ringside_near_bytes')) < NEAR_BYTES * 0.97) {
    const keys = Array.from({ length: BATCH }, () => ({ keyspace: 'session', key: `k${written++}` }))
    await Promise.all(keys.map((key) => client.set({ ...key, value })))
    await client.batchGet({ requests: keys })
  }
  const entries = await sidecar.metric('ringside_near_entries')
  const nearBytes = await sidecar.metric('ringside_near_bytes')
  const fullBytes = residentBytes(sidecar.pid)
  client.close()
  await sidecar.stop()
  await redis.stop()
  return { startBytes, fullBytes, entries, nearBytes }
}
