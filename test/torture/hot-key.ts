import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '../../src/base/clock.ts'
import type { KeyspaceRules } from '../simulation/history.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { TorturedClient } from './client.ts'
import { HotKeyLoad } from './hot-key-load.ts'
import { ModelOrigin } from './model-origin.ts'
import { SeededChance } from './seeded-chance.ts'
import { SidecarProcess } from './sidecar-process.ts'
import { Witness } from './witness.ts'

export interface HotKeyOptions {
  readonly seed: number
  readonly program: string
  readonly invalidations: number
  /** Called before the first of them. */
  readonly onBegin?: (witness: Witness) => void
}

export const HOT = { keyspace: 'crowded', key: 'sale', boundMs: 1_500 }
const RULES: KeyspaceRules = { name: HOT.keyspace, strong: false, degradedMs: 0, states: 'origin' }
const SHARDS = 5
const SIDECARS = 3
const HEARTBEAT_MS = 500
const SLOW_LOADS = 0.02
const COPIED = 500
const COPIED_WITHIN_MS = 30_000
/** Between two freezes, and how long one lasts. */
const QUIET_MS = [500, 3_000] as const
const FROZEN_MS = [300, 1_500] as const

/**
 * One hot key with copies on all other shards under full read load, invalidated again and again, while the shard of one
 * copy is frozen (SIGSTOP) now and then. The home of the key stays well: else most of the changes would have no answer.
 */
export async function tortureHotKey({ seed, program, invalidations, onBegin }: HotKeyOptions): Promise<Witness> {
  const chance = new SeededChance(seed)
  const witness = new Witness([RULES])
  const directory = mkdtempSync(join(tmpdir(), 'ringside-torture-'))
  const origin = new ModelOrigin(new SeededChance(seed + 1), SLOW_LOADS)
  const servers: RedisServer[] = []
  const sidecars: SidecarProcess[] = []
  const abandon = () => {
    for (const sidecar of sidecars) sidecar.abandon()
  }
  process.once('exit', abandon)
  try {
    await origin.start()
    // What fails is to fail because of a copy.
    origin.failing = 0
    for (let index = 0; index < SHARDS; index += 1) servers.push(await startRedis())
    const config = configOf(servers, origin.target)
    for (let index = 0; index < SIDECARS; index += 1) {
      const name = `sidecar-${index}`
      sidecars.push(await SidecarProcess.start({ name, program, directory: join(directory, name), config }))
    }
    const clients = sidecars.map((sidecar) => new TorturedClient(sidecar))
    const load = new HotKeyLoad({ clients, origin, witness, chance, ...HOT })
    load.start()
    try {
      const copied = () => (witness.sources.get('copy') ?? 0) > COPIED
      await until('answers of copies', copied, COPIED_WITHIN_MS)
      onBegin?.(witness)
      const over = new AbortController()
      const freezing = freezeNowAndThen(servers, witness, chance, over.signal)
      await load.invalidate(invalidations)
      over.abort()
      await freezing
    } finally {
      await load.stop()
      for (const client of clients) client.close()
    }
    return witness
  } finally {
    process.off('exit', abandon)
    await Promise.all(sidecars.map((sidecar) => sidecar.kill()))
    await Promise.all(servers.map((server) => server.stop()))
    await origin.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function configOf(servers: readonly RedisServer[], originTarget: string): string {
  const nodes = servers.map(({ url }, index) => ({ name: `shard-${index}`, primary: url }))
  const keyspace = {
    consistency: 'bounded',
    maxStaleness: `${HOT.boundMs}ms`,
    ttl: '1m',
    origin: 'model',
    near: false,
    hot: { maxCopies: SHARDS - 1 },
  }
  return [
    'env: torture',
    `heartbeat: ${HEARTBEAT_MS}ms`,
    `shards: ${JSON.stringify({ topology: 'ring', nodes })}`,
    `origins: { model: { type: grpc, target: "${originTarget}", timeout: 1s } }`,
    // What two cores can read is less than what is hot elsewhere.
    'hot: { leastRate: 50/s, targetShare: 10% }',
    'limits: { loopLag: 0s }',
    `keyspaces: ${JSON.stringify({ [HOT.keyspace]: keyspace })}`,
  ].join('\n')
}

async function freezeNowAndThen(
  servers: readonly RedisServer[],
  witness: Witness,
  chance: SeededChance,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    await pause(systemClock, chance.between(...QUIET_MS), over)
    const shard = chance.pick(await withCopies(servers))
    if (over.aborted || shard === undefined) continue
    witness.faultBegan('copy-freeze', String(shard.port))
    shard.freeze()
    await pause(systemClock, chance.between(...FROZEN_MS), over)
    shard.thaw()
    witness.faultEnded('copy-freeze', String(shard.port), true)
  }
}

/** Those that the key does not live on. */
async function withCopies(servers: readonly RedisServer[]): Promise<readonly RedisServer[]> {
  const name = `torture:${HOT.keyspace}:v1::${HOT.key}`
  const isHome = await Promise.all(servers.map(({ client }) => client.exists(name)))
  return isHome.includes(1) ? servers.filter((_, index) => isHome[index] === 0) : []
}
