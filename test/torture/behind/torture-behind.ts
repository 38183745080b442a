import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '../../../src/base/clock.ts'
import { RingsideClient } from '../../../src/client/ringside-client.ts'
import { type Postgres, startPostgres } from '../../support/postgres.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'
import { SeededChance } from '../seeded-chance.ts'
import { SidecarProcess } from '../sidecar-process.ts'
import { BehindLedger } from './behind-ledger.ts'
import { type BehindAmounts, BehindLoad, type LoadedSidecar } from './behind-load.ts'

export interface BehindOptions extends BehindAmounts {
  readonly seed: number
  readonly program: string
  /** Of sidecars. */
  readonly kills: number
  readonly onProgress?: (line: string) => void
}

export interface BehindResult {
  readonly wrong: readonly string[]
  readonly writes: number
  readonly additions: number
  /** Additions of which nobody knows whether they were made. */
  readonly unsure: number
  /** Failed calls, by reason. */
  readonly failures: Readonly<Record<string, number>>
  readonly kills: number
  readonly restarts: number
  readonly seconds: number
}

const SIDECARS = 4
const SHARDS = 2
const RESTARTS = 2
const PROGRESS_MS = 5_000
const ARRIVES_WITHIN_MS = 120_000
const MISSED_MS = 12_000

interface World {
  readonly sidecars: readonly SidecarProcess[]
  readonly loaded: readonly LoadedSidecar[]
  readonly reaches: (share: number) => Promise<boolean>
  readonly over: AbortSignal
}

const TABLES = `
create table notes (id text primary key, body text not null, version bigint not null);
create table views (id text primary key, total bigint not null, version bigint not null);
create table hits (id text primary key, total bigint not null, version bigint not null);
create table gone_back (id text, was bigint, came bigint);
create function note_going_back() returns trigger language plpgsql as $$
begin
  if new.version <= old.version then insert into gone_back values (old.id, old.version, new.version); end if;
  return new;
end $$;
create trigger notes_back after update on notes for each row execute function note_going_back();
create trigger views_back after update on views for each row execute function note_going_back();
create trigger hits_back after update on hits for each row execute function note_going_back();
grant all on all tables in schema public to ringside;
`

/**
 * Values and sums of which a database hears later, written through four sidecars of which one after the other is killed, while
 * the database is restarted twice. In the end it has all that was acknowledged.
 */
export async function tortureBehind(options: BehindOptions): Promise<BehindResult> {
  const { seed, program, onProgress } = options
  const begunAt = systemClock.now()
  const chance = new SeededChance(seed)
  const directory = mkdtempSync(join(tmpdir(), 'ringside-behind-'))
  const servers: RedisServer[] = []
  const sidecars: SidecarProcess[] = []
  const loaded: LoadedSidecar[] = []
  const postgres = await startPostgres()
  const abandon = () => {
    for (const sidecar of sidecars) sidecar.abandon()
  }
  process.once('exit', abandon)
  try {
    await postgres.query(TABLES)
    for (let index = 0; index < SHARDS; index += 1) servers.push(await startRedis())
    const config = configOf(servers, postgres)
    for (let index = 0; index < SIDECARS; index += 1) {
      const name = `sidecar-${index}`
      const sidecar = await SidecarProcess.start({ name, program, directory: join(directory, name), config })
      sidecars.push(sidecar)
      loaded.push({ client: new RingsideClient({ target: sidecar.grpc, timeoutMs: 2_000 }), isUp: true })
    }
    const ledger = new BehindLedger()
    const load = new BehindLoad({ sidecars: loaded, ledger, chance }, options)
    const over = new AbortController()
    const total = options.writes + options.additions
    /** True when that share of it all is done, false when all is. */
    const reaches = async (share: number) => {
      while (ledger.writes + ledger.additions < share * total && !over.signal.aborted) await pause(systemClock, 20)
      return !over.signal.aborted
    }
    const world = { sidecars, loaded, reaches, over: over.signal }
    const killing = killNowAndThen(world, options)
    const restarting = restartTwice(postgres, world)
    const telling = tell(load, over.signal, onProgress)
    await load.run()
    over.abort()
    const [kills, restarts] = await Promise.all([killing, restarting, telling])
    await arrived(servers)
    const wrong = await ledger.check(postgres)
    const { writes, additions, unsure } = ledger
    const failures = Object.fromEntries(load.failures)
    const seconds = (systemClock.now() - begunAt) / 1_000
    return { wrong, writes, additions, unsure, failures, kills, restarts, seconds }
  } finally {
    process.off('exit', abandon)
    await Promise.all(loaded.map(({ client }) => client.close()))
    await Promise.all(sidecars.map((sidecar) => sidecar.kill()))
    await Promise.all(servers.map((server) => server.stop()))
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Kills sidecars at random, as many as asked for, spread over all that there is to do. */
async function killNowAndThen(world: World, { kills, seed }: BehindOptions): Promise<number> {
  const chance = new SeededChance(seed + 1)
  const { sidecars, loaded } = world
  for (let killed = 0; killed < kills; killed += 1) {
    if (!(await world.reaches((killed + chance.uniform()) / kills))) return killed
    const index = Math.floor(chance.between(0, sidecars.length))
    const [sidecar, its] = [sidecars[index] as SidecarProcess, loaded[index] as LoadedSidecar]
    await sidecar.kill()
    its.isUp = false
    await sidecar.restart()
    // For so long the one that was killed is waited for, by whom its successor is to be known before it acknowledges anything.
    await pause(systemClock, MISSED_MS, world.over)
    its.isUp = true
  }
  return kills
}

async function restartTwice(postgres: Postgres, world: World): Promise<number> {
  for (let restarts = 0; restarts < RESTARTS; restarts += 1) {
    if (!(await world.reaches((restarts + 1) / (RESTARTS + 1)))) return restarts
    await postgres.restart()
  }
  return RESTARTS
}

async function tell(load: BehindLoad, over: AbortSignal, onProgress: BehindOptions['onProgress']): Promise<void> {
  while (!over.aborted) {
    await pause(systemClock, PROGRESS_MS, over)
    onProgress?.(load.left)
  }
}

async function arrived(servers: readonly RedisServer[]): Promise<void> {
  const waiting = async () => {
    const sizes = await Promise.all(servers.map(({ client }) => client.xlen('behind:~behind')))
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  await until('what waits to arrive', async () => (await waiting()) === 0, ARRIVES_WITHIN_MS)
}

function configOf(servers: readonly RedisServer[], postgres: Postgres): string {
  const origin = (table: string, column: string) => ({
    type: 'postgres',
    url: postgres.url,
    load: `select id as key, ${column}::text as value from ${table} where id = any($1)`,
    store: `insert into ${table} (id, ${column}, version) select k, v, n from unnest($1::text[], $2::text[]${column === 'total' ? '::bigint[]' : ''}, $4::bigint[]) as t(k, v, n) on conflict (id) do update set ${column} = excluded.${column}, version = excluded.version where ${table}.version < excluded.version`,
    timeout: '2s',
    batch: 500,
  })
  const behind = { strategy: 'write-behind', acceptLoss: true }
  const keyspace = { consistency: 'tolerant', ttl: '3s', near: false }
  const nodes = servers.map(({ url: primary }, index) => ({ name: `shard-${index}`, primary }))
  return [
    'env: behind',
    `shards: ${JSON.stringify({ topology: 'ring', nodes })}`,
    `origins: ${JSON.stringify({ notes: origin('notes', 'body'), views: origin('views', 'total'), hits: origin('hits', 'total') })}`,
    'limits: { loopLag: 0s }',
    `keyspaces: ${JSON.stringify({
      notes: { ...keyspace, origin: 'notes', writes: behind },
      views: { ...keyspace, kind: 'counter', origin: 'views', writes: behind },
      hits: { ...keyspace, kind: 'counter', origin: 'hits', writes: { ...behind, coalesce: '5ms' } },
    })}`,
  ].join('\n')
}
