import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/base/clock.ts'
import { RingsideClient } from '../../../src/client/ringside-client.ts'
import { startPostgres } from '../../support/postgres.ts'
import { createProducts } from '../../support/products.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { SidecarProcess } from '../sidecar-process.ts'
import { GAUGED, LoadGauge } from './load-gauge.ts'
import { warmInTurns } from './warm-calls.ts'
import { idsTo, WarmReaders } from './warm-readers.ts'

export interface WarmOptions {
  /** At most 100,000. */
  readonly keys: number
  readonly program: string
  /** Of the sidecar through which it goes on just then. */
  readonly kills: number
  /** Most keys a second; 0 = as many as the origin has to spare. */
  readonly keysPerSecond?: number
  readonly onProgress?: (line: string) => void
}

export interface WarmResult {
  readonly keys: number
  readonly kills: number
  /** What was told, over all calls. */
  readonly told: Readonly<Record<'messages' | 'loaded' | 'present' | 'missing' | 'failed', number>>
  readonly seconds: number
  /** By the database: keys that it was asked for, and statements of readers and warming that it ran at once. */
  readonly wanted: number
  readonly together: number
  /** As many as the configuration lets run. */
  readonly mostTogether: number
  readonly mostInASecond: number
  /**
   * Keys that a shard held when a sidecar was killed, and that the database was asked for once more all the same; but for
   * those of readers, who may go by the origin for a moment when a sidecar comes back.
   */
  readonly loadedAgain: readonly string[]
  /** Keys that no shard holds in the end. */
  readonly lost: readonly string[]
  /** Answers that readers had meanwhile, and those of them that were wrong. */
  readonly read: number
  readonly wrong: readonly string[]
}

const SIDECARS = 2
const SHARDS = 2
/** Statements at the database, in the whole fleet. */
const MOST_TOGETHER = 8

/**
 * Warms all products through two sidecars, of which the one through which it goes on is killed now and then and started
 * again, while readers ask for some of the same keys.
 */
export async function tortureWarm(options: WarmOptions): Promise<WarmResult> {
  const directory = mkdtempSync(join(tmpdir(), 'ringside-warm-'))
  const servers: RedisServer[] = []
  const sidecars: SidecarProcess[] = []
  const clients: RingsideClient[] = []
  const postgres = await startPostgres()
  const abandon = () => {
    for (const sidecar of sidecars) sidecar.abandon()
  }
  process.once('exit', abandon)
  try {
    await createProducts(postgres)
    await postgres.query('delete from products where id > $1', [options.keys])
    await postgres.query('analyze products')
    const gauge = await LoadGauge.on(postgres)
    for (let index = 0; index < SHARDS; index += 1) servers.push(await startRedis())
    const folders = Array.from({ length: SIDECARS }, (_, index) => join(directory, `sidecar-${index}`))
    const config = configOf(servers, postgres.url)
    for (const [index, folder] of folders.entries()) {
      const name = `sidecar-${index}`
      const sidecar = await SidecarProcess.start({ name, program: options.program, directory: folder, config })
      sidecars.push(sidecar)
      clients.push(new RingsideClient({ target: sidecar.grpc, timeoutMs: 5_000 }))
    }
    const world = { servers, sidecars, clients, gauge, sockets: folders.map((folder) => join(folder, 's.sock')) }
    return await warmed(world, options)
  } finally {
    process.off('exit', abandon)
    await Promise.all(clients.map((client) => client.close()))
    await Promise.all(sidecars.map((sidecar) => sidecar.kill()))
    await Promise.all(servers.map((server) => server.stop()))
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

interface World {
  readonly servers: readonly RedisServer[]
  readonly sidecars: readonly SidecarProcess[]
  readonly clients: readonly RingsideClient[]
  readonly gauge: LoadGauge
  readonly sockets: readonly string[]
}

async function warmed(world: World, { keys, kills, keysPerSecond = 0, onProgress }: WarmOptions): Promise<WarmResult> {
  const { sidecars, clients, gauge, sockets } = world
  const begunAt = systemClock.now()
  const killing: Promise<Held>[] = []
  let messages = 0
  const request = { keyspace: 'product', source: 'WARM_SOURCE_QUERY', keys_per_second: keysPerSecond } as const
  const readers = new WarmReaders(clients, keys)
  const ends = await warmInTurns(request, {
    sockets,
    onProgress({ done, keys_per_second: rate }, through, doneBefore) {
      messages += 1
      onProgress?.(`${doneBefore + done} of ${keys} keys, ${Math.round(rate)} a second, through sidecar ${through}`)
      if (killing.length === kills || doneBefore + done < ((killing.length + 1) / (kills + 1)) * keys) return
      killing.push(killed(sidecars[through] as SidecarProcess, world))
    },
  })
  const seconds = (systemClock.now() - begunAt) / 1_000
  const held = await Promise.all(killing)
  const again = await Promise.all(held.map((one) => gauge.wantedSince(one.at, one.keys)))
  const { read, wrong, asked } = await readers.close()
  const [all, kept] = [idsTo(keys), new Set(await heldKeys(world.servers))]
  const sum = (name: 'loaded' | 'present' | 'missing' | 'failed') => ends.reduce((total, end) => total + end[name], 0)
  return {
    ...{ keys, kills: held.length, seconds, loadedAgain: again.flat().filter((key) => !asked.has(key)), read, wrong },
    told: { messages, loaded: sum('loaded'), present: sum('present'), missing: sum('missing'), failed: sum('failed') },
    wanted: await gauge.wanted(),
    together: await gauge.mostTogether(),
    mostTogether: MOST_TOGETHER,
    mostInASecond: await gauge.mostInASecond(),
    lost: all.filter((key) => !kept.has(key)),
  }
}

/** What shards held at a moment of the database's clock. */
interface Held {
  readonly keys: readonly string[]
  readonly at: string
}

async function killed(sidecar: SidecarProcess, { servers, gauge }: World): Promise<Held> {
  await sidecar.kill()
  const keys = await heldKeys(servers)
  const at = await gauge.now()
  await sidecar.restart()
  return { keys, at }
}

/** Keys whose values are there, as they stand in the servers. */
async function heldKeys(servers: readonly RedisServer[]): Promise<readonly string[]> {
  const held: string[] = []
  for (const { client } of servers) {
    for await (const names of client.scanStream({ match: 'warm:product:v1:*', count: 1_000 })) {
      const some = names as string[]
      const records = some.length === 0 ? [] : await client.mgetBuffer(some)
      held.push(...some.filter((_, place) => records[place]?.includes('"revision"')))
    }
  }
  return held.map((name) => name.slice(name.lastIndexOf(':') + 1))
}

function configOf(servers: readonly RedisServer[], url: string): string {
  const nodes = servers.map(({ url: primary }, index) => ({ name: `shard-${index}`, primary }))
  const origin = { type: 'postgres', url, ...GAUGED, timeout: '2s', batch: 100, maxConcurrent: MOST_TOGETHER }
  const product = { consistency: 'bounded', maxStaleness: '5s', ttl: '1h', origin: 'catalog' }
  return [
    'env: warm',
    `fleet: ${SIDECARS}`,
    `shards: ${JSON.stringify({ topology: 'ring', nodes })}`,
    `origins: ${JSON.stringify({ catalog: origin })}`,
    // Would ask the database for what is cached.
    'audit: { share: 0% }',
    'limits: { loopLag: 0s }',
    `keyspaces: ${JSON.stringify({ product })}`,
  ].join('\n')
}
