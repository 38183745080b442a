// Gets at a fixed rate whether or not answers come, and rows that change meanwhile; until its standard input ends.  argv: DrillLoad as JSON
import { once } from 'node:events'
import pg from 'pg'
import { pause, systemClock } from '../../src/base/clock.ts'
import { type RingsideCallError, RingsideClient } from '../../src/client/ringside-client.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import { monotonicMs } from './monotonic.ts'
import { changeLine, type LoadLine, type Observation, observationLine } from './observation.ts'

/** What to send, and where. Keys are the numbers from 1, all of them as likely. */
export interface DrillLoad {
  readonly targets: readonly string[]
  readonly keyspace: string
  readonly keys: number
  readonly perSecond: number
  readonly deadlineMs: number
  readonly databaseUrl: string
  readonly changesPerSecond: number
  readonly seed: number
}

const TICK_MS = 2
/** An application repeats what was refused, after this long. */
const REPEAT_MS = 200
const DATABASE_TIMEOUT_MS = 5_000

const load = JSON.parse(process.argv[2] as string) as DrillLoad
const chance = new SeededChance(load.seed)
const clients = load.targets.map((target) => new RingsideClient({ target, joinFrom: Number.POSITIVE_INFINITY }))
const anyKey = () => 1 + Math.floor(chance.uniform() * load.keys)
let stopped = false

const tell = (line: LoadLine) => void process.stdout.write(`${JSON.stringify(line)}\n`)

async function observe(key: number, client: RingsideClient, dueAt: number): Promise<Observation> {
  const sentAt = monotonicMs()
  const asked = { key, dueAt, lagMs: sentAt - dueAt }
  try {
    const { value, source, degraded } = await client.get(load.keyspace, String(key), { timeoutMs: load.deadlineMs })
    const [, id, revision] = value.toString().match(/^\{"id": (\d+), "revision": (\d+)\}$/) ?? []
    const shown = { shownId: Number(id ?? -1), shownRevision: Number(revision ?? -1) }
    return { ...asked, tookMs: monotonicMs() - dueAt, code: 0, source, degraded, ...shown }
  } catch (error) {
    const { code } = error as RingsideCallError
    const nothing = { source: '', degraded: false, shownId: -1, shownRevision: -1 }
    return { ...asked, tookMs: monotonicMs() - dueAt, code, ...nothing }
  }
}

async function readOn(): Promise<void> {
  const under = new Set<Promise<void>>()
  const beganAt = monotonicMs()
  for (let sent = 0; !stopped; ) {
    const due = ((monotonicMs() - beganAt) * load.perSecond) / 1_000
    for (; sent < due; sent += 1) {
      const client = clients[sent % clients.length] as RingsideClient
      const one = observe(anyKey(), client, beganAt + (sent * 1_000) / load.perSecond).then((observation) => {
        under.delete(one)
        tell(observationLine(observation))
      })
      under.add(one)
    }
    await pause(systemClock, TICK_MS)
  }
  await Promise.all(under)
}

async function insistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch {
      await pause(systemClock, REPEAT_MS)
    }
  }
}

/** Updates the row and then invalidates it, each until it has worked, as an application is told to do. */
async function change(pool: pg.Pool, key: number, client: RingsideClient): Promise<void> {
  const sql = 'update products set revision = revision + 1 where id = $1 returning revision'
  const { rows } = await insistently(() => pool.query<{ revision: number }>(sql, [key]))
  const committedAt = monotonicMs()
  const { deferred } = await insistently(() => client.invalidate(load.keyspace, String(key)))
  const revision = rows[0]?.revision ?? -1
  tell(changeLine({ key, revision, committedAt, invalidatedAt: monotonicMs(), deferred }))
}

async function changeOn(): Promise<void> {
  const pool = new pg.Pool({
    connectionString: load.databaseUrl,
    application_name: 'drill-writer',
    connectionTimeoutMillis: DATABASE_TIMEOUT_MS,
    query_timeout: DATABASE_TIMEOUT_MS,
  })
  pool.on('error', () => undefined)
  const under = new Set<Promise<void>>()
  for (let turn = 0; !stopped; turn += 1) {
    const one = change(pool, anyKey(), clients[turn % clients.length] as RingsideClient).then(
      () => void under.delete(one),
    )
    under.add(one)
    await pause(systemClock, 1_000 / load.changesPerSecond)
  }
  await Promise.all(under)
  await pool.end()
}

// A timer of the clock keeps no process alive, an open standard input does.
process.stdin.resume()
void once(process.stdin, 'end').then(() => {
  stopped = true
})
const alive = setInterval(() => undefined, 1_000)
await Promise.all([readOn(), changeOn()])
await Promise.all(clients.map((client) => client.close()))
clearInterval(alive)
