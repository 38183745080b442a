// Gets, and rows that change meanwhile, until its standard input ends. There `mark` makes keys count as new again, and
// `crowd` with a Crowd as JSON, or null, says what most of the gets are for from now on.  argv: DrillLoad as JSON
import { createInterface } from 'node:readline'
import pg from 'pg'
import { pause, systemClock } from '../../../src/base/clock.ts'
import { type RingsideCallError, RingsideClient } from '../../../src/client/ringside-client.ts'
import { zipf } from '../../bench/zipf.ts'
import { SeededChance } from '../../torture/seeded-chance.ts'
import type { Crowd } from './crowd.ts'
import type { LoadLine } from './load-line.ts'
import { monotonicMs } from './monotonic.ts'
import { type Observation, readValue } from './observation.ts'
import { Tally } from './tally.ts'

/** What to send, and where. Keys are the numbers from 1; the lower ones are asked more often where there is a skew. */
export interface DrillLoad {
  readonly targets: readonly string[]
  readonly keyspace: string
  readonly keys: number
  readonly skew: number
  /** As many gets a second whether or not answers come; or as many at a time, each sent when another has ended. */
  readonly pace: { readonly perSecond: number } | { readonly atOnce: number }
  /** Of these, so many a second are for rows above `keys`, each of them once. */
  readonly coldPerSecond: number
  readonly boundMs: number
  readonly deadlineMs: number
  readonly databaseUrl: string
  readonly changesPerSecond: number
  readonly seed: number
}

const TICK_MS = 2
/** The first gets make connections and warm code up; they do not count. */
const WARM_UP_MS = 2_000
const TELL_MS = 250
/** An application repeats what was refused, after this long. */
const REPEAT_MS = 200
/** How long it does so after the end. */
const GIVE_UP_MS = 20_000
const DATABASE_TIMEOUT_MS = 5_000
/** Where nothing is to change, it is looked again after this long. */
const IDLE_MS = 100
/** No more begin while so many have not worked yet. */
const MOST_CHANGES = 50

const load = JSON.parse(process.argv[2] as string) as DrillLoad
const chance = new SeededChance(load.seed)
const clients = load.targets.map((target) => new RingsideClient({ target, joinFrom: Number.POSITIVE_INFINITY }))
const rank = zipf(load.keys, load.skew, () => chance.uniform())
const anyKey = () => 1 + rank()
let crowd: Crowd | undefined
const nextKey = () => (crowd !== undefined && chance.happens(crowd.share) ? crowd.key : anyKey())
const startedAt = monotonicMs()
const beganAt = startedAt + WARM_UP_MS
const tally = new Tally({ beganAt, boundMs: load.boundMs, deadlineMs: load.deadlineMs, keys: load.keys })
let stopped = false
let giveUpAt = Number.POSITIVE_INFINITY

const tell = (line: LoadLine) => void process.stdout.write(`${JSON.stringify(line)}\n`)
const clientOf = (turn: number) => clients[turn % clients.length] as RingsideClient

async function get(key: number, client: RingsideClient, dueAt: number): Promise<void> {
  const sentAt = monotonicMs()
  const asked = { key, dueAt, lagMs: sentAt - dueAt }
  tally.observed(await observe(asked, client))
}

async function observe(
  asked: Pick<Observation, 'key' | 'dueAt' | 'lagMs'>,
  client: RingsideClient,
): Promise<Observation> {
  try {
    const { value, source, degraded } = await client.get(load.keyspace, String(asked.key), {
      timeoutMs: load.deadlineMs,
    })
    return { ...asked, tookMs: monotonicMs() - asked.dueAt, code: 0, source, degraded, ...readValue(value) }
  } catch (error) {
    const { code } = error as RingsideCallError
    const nothing = { source: '', degraded: false, shownId: -1, shownRevision: -1 }
    return { ...asked, tookMs: monotonicMs() - asked.dueAt, code, ...nothing }
  }
}

async function readAtRate(perSecond: number, nextKey: (sent: number) => number): Promise<void> {
  const under = new Set<Promise<void>>()
  for (let sent = 0; !stopped; ) {
    const due = ((monotonicMs() - startedAt) * perSecond) / 1_000
    for (; sent < due; sent += 1) {
      const one = get(nextKey(sent), clientOf(sent), startedAt + (sent * 1_000) / perSecond)
      under.add(one)
      void one.then(() => under.delete(one))
    }
    await pause(systemClock, TICK_MS)
  }
  await Promise.all(under)
}

async function readAtOnce(atOnce: number): Promise<void> {
  const worker = async (turn: number) => {
    while (!stopped) await get(anyKey(), clientOf(turn), monotonicMs())
  }
  await Promise.all(Array.from({ length: atOnce }, (_, turn) => worker(turn)))
}

async function readOn(): Promise<void> {
  const { pace, coldPerSecond, keys } = load
  if ('atOnce' in pace) return readAtOnce(pace.atOnce)
  const known = readAtRate(pace.perSecond - coldPerSecond, nextKey)
  const cold = coldPerSecond === 0 ? undefined : readAtRate(coldPerSecond, (sent) => keys + 1 + sent)
  await Promise.all([known, cold])
}

async function insistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (monotonicMs() > giveUpAt) throw error
      await pause(systemClock, REPEAT_MS)
    }
  }
}

/** Updates the row and then invalidates it, each until it has worked, as an application is told to do. */
async function change(pool: pg.Pool, key: number, client: RingsideClient): Promise<void> {
  const sql = 'update products set revision = revision + 1 where id = $1 returning revision'
  const { rows } = await insistently(() => pool.query<{ revision: number }>(sql, [key]))
  const revision = rows[0]?.revision ?? -1
  const committedAt = monotonicMs()
  tally.revisions.committed(key, revision, committedAt)
  const { deferred } = await insistently(() => client.invalidate(load.keyspace, String(key)))
  const invalidatedAt = monotonicMs()
  if (!deferred) tally.revisions.invalidated(key, revision, invalidatedAt)
  tell({ kind: 'changed', change: { key, revision, committedAt, invalidatedAt, deferred } })
}

async function changeOn(): Promise<void> {
  const pool = new pg.Pool({
    connectionString: load.databaseUrl,
    application_name: 'drill-writer',
    connectionTimeoutMillis: DATABASE_TIMEOUT_MS,
    query_timeout: DATABASE_TIMEOUT_MS,
  })
  pool.on('error', () => undefined)
  const crowded = changeAtRate(
    pool,
    () => crowd?.changesPerSecond ?? 0,
    () => crowd?.key ?? 0,
  )
  await Promise.all([changeAtRate(pool, () => load.changesPerSecond, otherKey), crowded])
  await pool.end()
}

/** What the crowd is for changes at a rate of its own. */
function otherKey(): number {
  const key = anyKey()
  return key === crowd?.key ? (key % load.keys) + 1 : key
}

async function changeAtRate(pool: pg.Pool, perSecond: () => number, key: () => number): Promise<void> {
  const under = new Set<Promise<void>>()
  for (let turn = 0; !stopped; turn += 1) {
    const rate = perSecond()
    if (rate > 0 && under.size < MOST_CHANGES) {
      // What never worked shows in the end: the row is newer than what is answered for it.
      const one = change(pool, key(), clientOf(turn)).catch(() => undefined)
      under.add(one)
      void one.then(() => under.delete(one))
    }
    await pause(systemClock, rate > 0 ? 1_000 / rate : IDLE_MS)
  }
  await Promise.all(under)
}

const tellSlices = () => tell({ kind: 'slices', slices: tally.drain() })

const CROWD = 'crowd '
const input = createInterface({ input: process.stdin })
input.on('line', (line) => {
  if (line.startsWith(CROWD)) crowd = (JSON.parse(line.slice(CROWD.length)) as Crowd | null) ?? undefined
  else tally.mark()
})
input.once('close', () => {
  stopped = true
  giveUpAt = monotonicMs() + GIVE_UP_MS
})
// A timer of the clock keeps no process alive, this one does.
const telling = setInterval(tellSlices, TELL_MS)
void pause(systemClock, WARM_UP_MS).then(() => tell({ kind: 'began', at: beganAt }))
await Promise.all([readOn(), changeOn()])
clearInterval(telling)
tellSlices()
tell({ kind: 'ended', shown: [...tally.shown], breaches: tally.breaches })
await Promise.all(clients.map((client) => client.close()))
