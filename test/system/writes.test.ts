import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const STRATEGIES = ['invalidate', 'write-through'] as const
const KEYS = ['a', 'b', 'c']
const ROUNDS = 24
/** Of these rounds, in the middle of which a sidecar is killed. */
const DEATHS = [9]

/** A statement of text that says `slow` takes longer than it may, and one that says `bad` is refused. */
const ORIGIN = (table: string, url: string) => `{ type: postgres, url: "${url}", timeout: 500ms,
    load: "select id as key, body as value from ${table} where id = any($1)",
    store: "insert into ${table} select * from unnest($1::text[], $2::text[]) on conflict (id) do update set body = excluded.body" }`

describe.each(STRATEGIES)('two writers who race on the same keys through two sidecars, with %s', (strategy) => {
  let postgres: Postgres
  let redis: RedisServer
  let config: string
  let sidecars: Sidecar[]
  let clients: RingsideClient[]

  beforeAll(async () => {
    ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    await postgres.query(`create table notes (id text primary key, body text);
      create function trouble() returns trigger language plpgsql as $$ begin
        if new.body like '%bad%' then raise 'refused'; end if;
        if new.body like '%slow%' then perform pg_sleep(0.7); end if;
        if new.body like '%late%' then perform pg_sleep(0.2); end if;
        return new; end $$;
      create trigger trouble before insert on notes for each row execute function trouble()`)
    config = `
env: test
shards: { topology: ring, nodes: [{ name: s, primary: "${redis.url}" }] }
origins: { notes: ${ORIGIN('notes', postgres.url)} }
keyspaces:
  note: { consistency: bounded, maxStaleness: 2s, ttl: 1h, origin: notes, writes: { strategy: ${strategy} } }
`
    sidecars = await Promise.all([startSidecar({ config }), startSidecar({ config })])
    clients = sidecars.map(({ grpc }) => new RingsideClient({ target: grpc }))
  })
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await Promise.all(sidecars.map((sidecar) => sidecar.stop()))
    await redis.stop()
    await postgres.stop()
  })

  /** What became of a write, in a word. */
  async function write(at: number, key: string, text: string): Promise<string> {
    const client = clients[at] as RingsideClient
    const written = client.write('note', key, Buffer.from(text), { timeoutMs: 5_000 })
    return written.then(
      () => 'acknowledged',
      (error) => error.metadata.outcome ?? error.reason,
    )
  }

  async function replace(at: number): Promise<void> {
    await sidecars[at]?.kill()
    await clients[at]?.close()
    const sidecar = await startSidecar({ config })
    sidecars[at] = sidecar
    clients[at] = new RingsideClient({ target: sidecar.grpc })
  }

  it('never disagree with the database for good, whatever is slow, refused or killed', {
    timeout: 120_000,
  }, async () => {
    const outcomes = new Set<string>()
    let isOver = false
    const readers = [0, 1].map(async (at) => {
      while (!isOver) {
        await clients[at]?.get('note', KEYS[at] as string, { timeoutMs: 1_000 }).catch(() => undefined)
        // One whose sidecar has just been killed fails at once.
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = KEYS[round % KEYS.length] as string
      const trouble = ['', 'late', '', 'bad', 'late', 'slow', ''][round % 7]
      const racing = [write(0, key, `${round}/0 ${trouble}`), write(1, key, `${round}/1`)]
      if (DEATHS.includes(round)) await replace(round % 2)
      for (const outcome of await Promise.all(racing)) outcomes.add(outcome)
    }
    isOver = true
    await Promise.all(readers)
    expect([...outcomes]).toEqual(expect.arrayContaining(['acknowledged', 'unchanged', 'unknown']))
    for (const key of KEYS) {
      await until(`agreement on ${key}`, async () => {
        const [row] = await postgres.query<{ body: string }>('select body from notes where id = $1', [key])
        const answers = await Promise.all(clients.map((client) => client.get('note', key, { timeoutMs: 1_000 })))
        return answers.every(({ value }) => value.toString() === row?.body)
      })
    }
  })
})
