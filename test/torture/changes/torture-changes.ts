import { RingsideClient } from '../../../src/client/ringside-client.ts'
import { documentedSql } from '../../events/documented-sql.ts'
import { startPostgres } from '../../support/postgres.ts'
import { startRedis } from '../../support/redis.ts'
import { type Sidecar, startSidecar } from '../../support/sidecar.ts'
import { until } from '../../support/until.ts'
import { Psql } from './psql.ts'
import { Sightings } from './sightings.ts'

export type ChangeSource = 'postgres-outbox' | 'postgres-replication'

export interface TortureChangesOptions {
  readonly source: ChangeSource
  /** Row changes while nothing is wrong; a tenth as many rows, each of which is changed once more while the consumer is killed. */
  readonly changes: number
  readonly onProgress: (text: string) => void
}

/** Milliseconds from the moment before a change is made to its being seen through every sidecar. */
export interface ChangeLatencies {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly most: number
}

export interface TorturedChanges {
  readonly calm: ChangeLatencies
  readonly whileKilled: ChangeLatencies
  /** Rows of which some sidecar answers another value in the end than the database has. */
  readonly stale: readonly string[]
}

const SIDECARS = 4
/** Keys asked for together by a reader. */
const READ_TOGETHER = 250
const SEEN_WITHIN_MS = 60_000
/** Two cores bear so many beside four sidecars and readers who ask without a pause: above, what is measured is their queue. */
const CHANGES_PER_SECOND = 200
const ACTIVE = 'ringside_events_active{source="shop"}'

const SOURCES: Record<ChangeSource, { readonly source: string; readonly rule: string }> = {
  'postgres-outbox': { source: '', rule: 'on: ProductUpdated' },
  'postgres-replication': {
    source: ', slot: ringside_test, tables: [public.products]',
    rule: 'table: public.products',
  },
}

/**
 * Rows are changed with `psql` while sidecars read them and the shard keeps them for an hour; nobody calls any to say so. The sidecar
 * that consumes the changes is killed halfway through the second half, in which each row changes once: one that is missed
 * stays old.
 */
export async function tortureChanges(options: TortureChangesOptions): Promise<TorturedChanges> {
  const { source, changes, onProgress } = options
  const rows = Math.max(10, Math.floor(changes / 10))
  const [postgres, redis] = await Promise.all([startPostgres({ settings: { wal_level: 'logical' } }), startRedis()])
  const [setup = '', trigger = ''] = documentedSql('an outbox')
  await postgres.query('create table products (id int primary key, category text, shop text, price int not null)')
  await postgres.query(`insert into products select n, 'toys', 'acme', 0 from generate_series(1, ${rows}) as n`)
  if (source === 'postgres-outbox') await postgres.query(setup + trigger)
  const config = configFor(source, postgres.url, redis.url)
  const sidecars = await Promise.all(Array.from({ length: SIDECARS }, () => startSidecar({ config })))
  const psql = new Psql(`postgres://postgres@/postgres?host=${postgres.socketDirectory}&port=${postgres.port}`)
  const sightings = new Sightings(SIDECARS)
  const keys = Array.from({ length: rows }, (_, index) => String(index + 1))
  const readers = sidecars.map((sidecar, index) => new Reader(sidecar, index, keys, sightings))
  try {
    await until('a consumer', async () => (await consumerOf(sidecars)) >= 0)
    await until('full near caches', () => readers.every((reader) => reader.rounds > 2))
    let value = 0
    const begunAt = performance.now()
    const change = async (key: string) => {
      const earlyMs = begunAt + (value * 1_000) / CHANGES_PER_SECOND - performance.now()
      if (earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs))
      value += 1
      sightings.changed(key, value, performance.now())
      await psql.run(`update products set price = ${value} where id = ${key}`)
    }
    const allSeen = () => until('sight of every change', () => sightings.unseen === 0, SEEN_WITHIN_MS)

    for (let made = 0; made < changes; made += 1) {
      await change(keys[(made * 7_919) % rows] as string)
      if (made % 1_000 === 999) onProgress(`${made + 1} changes, ${sightings.unseen} not seen everywhere`)
    }
    await allSeen()
    const calm = latenciesOf(sightings.takeLatencies())

    const at = await consumerOf(sidecars)
    for (const [made, key] of keys.entries()) {
      if (made === Math.floor(rows / 2)) {
        await readers[at]?.close()
        sightings.gone(at, performance.now())
        await sidecars[at]?.kill()
      }
      await change(key)
    }
    // Not to be seen is what is looked for: whoever is old in the end has missed something.
    await allSeen().catch(() => undefined)
    const whileKilled = latenciesOf(sightings.takeLatencies())
    const truth = await postgres.query<{ id: string; price: string }>('select id::text, price::text from products')
    const alive = readers.filter((_, index) => index !== at)
    const stale = await Promise.all(alive.map((reader) => reader.differing(truth)))
    return { calm, whileKilled, stale: [...new Set(stale.flat())] }
  } finally {
    psql.close()
    await Promise.all(readers.map((reader) => reader.close()))
    await Promise.all(sidecars.map((sidecar) => sidecar.kill()))
    await Promise.all([postgres.stop(), redis.stop()])
  }
}

export function changesTable({ calm, whileKilled, stale }: TorturedChanges): string {
  const row = (name: string, { count, p50, p99, most }: ChangeLatencies) =>
    `| ${name} | ${count} | ${p50.toFixed(0)} ms | ${p99.toFixed(0)} ms | ${most.toFixed(0)} ms |`
  return [
    '| row changes, until seen through every sidecar | count | p50 | p99 | most |',
    '|---|---|---|---|---|',
    row('nothing is wrong', calm),
    row('the consumer is killed halfway', whileKilled),
    `\nrows that stayed old: ${stale.length}`,
  ].join('\n')
}

function configFor(source: ChangeSource, database: string, shard: string): string {
  const { source: more, rule } = SOURCES[source]
  return `
env: test
shards: { nodes: [{ name: a, primary: "${shard}" }] }
origins:
  shop: { type: postgres, url: "${database}", load: "select id::text as key, price::text as value from products where id = any($1::int[])" }
keyspaces: { product: { consistency: bounded, maxStaleness: 5s, ttl: 1h, origin: shop } }
events:
  sources: { shop: { type: ${source}, url: "${database}"${more} } }
  rules: [{ ${rule}, keys: [{ keyspace: product, key: "{id}" }] }]
`
}

async function consumerOf(sidecars: readonly Sidecar[]): Promise<number> {
  const active = await Promise.all(sidecars.map((sidecar) => sidecar.metric(ACTIVE)))
  return active.indexOf(1)
}

/** Reads all keys through one sidecar, again and again. */
class Reader {
  /** How often it has read all keys. */
  rounds = 0
  readonly #client: RingsideClient
  readonly #index: number
  readonly #keys: readonly string[]
  readonly #sightings: Sightings
  readonly #running: Promise<void>
  #isClosed = false

  constructor(sidecar: Sidecar, index: number, keys: readonly string[], sightings: Sightings) {
    this.#client = new RingsideClient({ target: sidecar.grpc })
    this.#index = index
    this.#keys = keys
    this.#sightings = sightings
    this.#running = this.#run()
  }

  async differing(truth: readonly { readonly id: string; readonly price: string }[]): Promise<readonly string[]> {
    const known = new Map<string, string>()
    for (const [key, value] of await this.#read(truth.map(({ id }) => id))) known.set(key, value)
    return truth.filter(({ id, price }) => known.get(id) !== price).map(({ id }) => id)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#running
    await this.#client.close()
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      for (let at = 0; at < this.#keys.length && !this.#isClosed; at += READ_TOGETHER) {
        const seen = await this.#read(this.#keys.slice(at, at + READ_TOGETHER))
        const now = performance.now()
        for (const [key, value] of seen) this.#sightings.saw(this.#index, key, Number(value), now)
      }
      this.rounds += 1
      // The others are to have their turn, too.
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async #read(keys: readonly string[]): Promise<readonly (readonly [string, string])[]> {
    const found: [string, string][] = []
    for (let at = 0; at < keys.length; at += READ_TOGETHER) {
      const some = keys.slice(at, at + READ_TOGETHER)
      const answers = await this.#client.batchGet(some.map((key) => ({ keyspace: 'product', key })))
      for (const [index, answer] of answers.entries()) {
        if (answer.ok) found.push([some[index] as string, answer.answer.value.toString()])
      }
    }
    return found
  }
}

function latenciesOf(sorted: readonly number[]): ChangeLatencies {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) }
}
