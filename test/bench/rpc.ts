import type { ChildProcess } from 'node:child_process'
import type { Redis } from 'ioredis'
import { CacheClient } from '../rpc/client.ts'
import { freePort } from '../support/free-port.ts'
import { startPostgres } from '../support/postgres.ts'
import { createProducts } from '../support/products.ts'
import { startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import type { Check } from './check.ts'
import { LOAD_CORE, runChild, SERVER_CORE, startChild } from './child.ts'
import { framedGet } from './get-message.ts'
import { h2load } from './h2load.ts'
import { inTurns, midOf, type Paired, type Pair as PairOf, ratioOf as pairedRatio } from './in-turns.ts'
import { IN_FLIGHT, type Run, VALUE_BYTES } from './run.ts'
import { table } from './table.ts'
import { tsx } from './tsx.ts'
import { type Measured, withCpu } from './with-cpu.ts'

/** Even numbers: which side goes first changes from round to round. Many short rounds ride out a noisy machine. */
const ROUNDS = { near: 20, shard: 4, cold: 4 }
/** Of what the library takes for the same answer without a cache behind it. */
const NEAR_BAR = 1.5
const SHARD_KEYS = 5_000
const REQUESTS = {
  near: { 1: 1_500, 10: 5_000, 100: 5_000 },
  shard: { 1: 3_000, 10: 8_000, 100: 8_000 },
  cold: { 1: 800, 10: 2_500, 100: 2_500 },
}

interface Row extends Paired<Measured> {
  readonly what: keyof typeof REQUESTS
  readonly inFlight: (typeof IN_FLIGHT)[number]
}

type Pair = PairOf<Measured>

/** Unary gets of 2 KB values: near hit, shard hit and cold load, each beside a peer in the same run. */
export async function rpcBenchmark(): Promise<{ readonly text: string; readonly checks: readonly Check[] }> {
  const postgres = await startPostgres()
  await createProducts(postgres)
  const redis = await Promise.all([startRedis(), startRedis(), startRedis()])
  const sidecar = await startSidecar({
    sheds: true,
    config: config(
      redis.map(({ url }) => url),
      postgres.url,
    ),
    core: SERVER_CORE,
  })
  const floorPort = await freePort()
  const floor = await startChild(SERVER_CORE, tsx('floor-server.ts', floorPort))
  try {
    await fill(
      sidecar,
      redis.map(({ client }) => client),
    )
    const ports = redis.map(({ port }) => port).join(',')
    const bench = { sidecar, floor, floorAddress: `127.0.0.1:${floorPort}`, ports, database: postgres.url }
    const rows: Row[] = []
    for (const inFlight of IN_FLIGHT) rows.push(await pairs('near', inFlight, () => nearPair(bench, inFlight)))
    for (const inFlight of IN_FLIGHT) rows.push(await pairs('shard', inFlight, () => shardPair(bench, inFlight)))
    let nextCold = 1
    for (const inFlight of IN_FLIGHT) {
      rows.push(
        await pairs('cold', inFlight, () => {
          const first = nextCold
          nextCold += REQUESTS.cold[inFlight]
          return coldPair(bench, inFlight, first)
        }),
      )
    }
    return { text: report(rows), checks: rows.filter((row) => row.what === 'near').map(nearCheck) }
  } finally {
    floor.kill()
    await sidecar.stop()
    await Promise.all(redis.map((server) => server.stop()))
    await postgres.stop()
  }
}

interface Bench {
  readonly sidecar: Sidecar
  readonly floor: ChildProcess
  readonly floorAddress: string
  readonly ports: string
  readonly database: string
}

function config(urls: readonly string[], database: string): string {
  const load = `select id as key, repeat('x', ${VALUE_BYTES}) as value from products where id = any($1)`
  return `
env: bench
shards: { topology: ring, nodes: [${urls.map((url, index) => `{ name: s${index}, primary: "${url}" }`).join(', ')}] }
log: { level: warn }
origins: { catalog: { type: postgres, url: "${database}", load: "${load}" } }
keyspaces:
  near: { consistency: tolerant, ttl: 1h }
  shard: { consistency: tolerant, ttl: 1h, near: false }
  cold: { consistency: bounded, maxStaleness: 5s, ttl: 1h, origin: catalog }
`
}

async function fill(sidecar: Sidecar, redis: readonly Redis[]): Promise<void> {
  const client = new CacheClient(sidecar.grpc)
  const value = Buffer.alloc(VALUE_BYTES, 'x')
  await client.set({ keyspace: 'near', key: '1', value })
  const get = () => client.get({ keyspace: 'near', key: '1' })
  await get()
  if ((await get()).source !== 'SOURCE_NEAR') throw new Error('the key is not near')
  const keys = Array.from({ length: SHARD_KEYS }, (_, index) => index + 1)
  for (let from = 0; from < SHARD_KEYS; from += 500) {
    await Promise.all(
      keys.slice(from, from + 500).map((key) => client.set({ keyspace: 'shard', key: String(key), value })),
    )
    await Promise.all(
      keys.slice(from, from + 500).map((key) => (redis[key % redis.length] as Redis).set(`direct:${key}`, value)),
    )
  }
  client.close()
}

async function pairs(what: Row['what'], inFlight: Row['inFlight'], pair: () => Pair): Promise<Row> {
  const paired = await inTurns(`rpc: ${what}, ${inFlight} in flight`, ROUNDS[what], pair)
  return { what, inFlight, ...paired }
}

function nearPair({ sidecar, floor, floorAddress }: Bench, inFlight: Row['inFlight']): Pair {
  const count = REQUESTS.near[inFlight]
  const body = framedGet({ keyspace: 'near', key: '1' })
  const nearHits = () =>
    sidecar.metric('ringside_requests_total{keyspace="near",method="Get",outcome="found",source="near"}')
  const ours = async () => {
    const before = await nearHits()
    const run = await withCpu(sidecar.pid, () => h2load({ address: sidecar.grpc, body, count, inFlight }))
    const hits = (await nearHits()) - before
    if (hits !== count) throw new Error(`${hits} of ${count} were near hits`)
    return run
  }
  return [ours, () => withCpu(floor.pid as number, () => h2load({ address: floorAddress, body, count, inFlight }))]
}

function shardPair(bench: Bench, inFlight: Row['inFlight']): Pair {
  const load = [1, SHARD_KEYS, REQUESTS.shard[inFlight], inFlight]
  const ours = () => checkedLoad(bench.sidecar, ['shard', ...load, 'primary'])
  return [ours, () => direct('hit', [bench.ports, bench.database, ...load])]
}

function coldPair(bench: Bench, inFlight: Row['inFlight'], first: number): Pair {
  const count = REQUESTS.cold[inFlight]
  const load = [first, count, count, inFlight]
  const ours = () => checkedLoad(bench.sidecar, ['cold', ...load, 'origin'])
  return [ours, () => direct('aside', [bench.ports, bench.database, ...load])]
}

function checkedLoad(sidecar: Sidecar, args: readonly (string | number)[]): Promise<Measured> {
  const run = async () => JSON.parse(await runChild(LOAD_CORE, tsx('checked-load.ts', sidecar.grpc, ...args))) as Run
  return withCpu(sidecar.pid, run)
}

async function direct(mode: 'hit' | 'aside', args: readonly (string | number)[]): Promise<Measured> {
  const run = JSON.parse(await runChild(LOAD_CORE, tsx('direct-load.ts', mode, ...args))) as Run & { cpuMicros: number }
  return { ...run, cpuPerRequest: run.cpuMicros / run.requests }
}

const PEER = { near: 'bare grpc-js server', shard: 'ioredis to the same Redis', cold: 'ioredis + pg by hand' }
const ratioOf = (row: Row): number => pairedRatio(row, (run) => run.perSecond)

function report(rows: readonly Row[]): string {
  const headings = [
    'get of 2 KB',
    'in flight',
    'Ringside /s',
    'peer /s',
    'ratio',
    'mean ms',
    'peer ms',
    'CPU µs',
    'peer CPU µs',
    'peer',
  ]
  const lines = rows.map((row) => {
    const of = (runs: readonly Measured[], field: 'perSecond' | 'meanMs' | 'cpuPerRequest', digits: number) =>
      midOf(runs, (run) => run[field], digits)
    return [
      { near: 'near hit', shard: 'shard hit', cold: 'cold load' }[row.what],
      String(row.inFlight),
      of(row.ours, 'perSecond', 0),
      of(row.peers, 'perSecond', 0),
      ratioOf(row).toFixed(2),
      of(row.ours, 'meanMs', 2),
      of(row.peers, 'meanMs', 2),
      of(row.ours, 'cpuPerRequest', 0),
      of(row.peers, 'cpuPerRequest', 0),
      PEER[row.what],
    ]
  })
  return table([headings, ...lines])
}

function nearCheck(row: Row): Check {
  const ratio = ratioOf(row)
  const name = `near hits at ${row.inFlight} in flight, beside a bare grpc-js server`
  return { name, passed: ratio >= NEAR_BAR, detail: `${ratio.toFixed(2)}, at least ${NEAR_BAR}` }
}
