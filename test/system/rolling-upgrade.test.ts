import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RingsideClient } from '../../src/client/ringside-client.ts'
import { buildFormer, type FormerBuild } from '../support/former-build.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const KEYS = Array.from({ length: 12 }, (_, key) => `k${key}`)
/** So many answers each sidecar of a mixture of versions has to give. */
const ANSWERS = 300

function config(redis: readonly RedisServer[], postgres: Postgres): string {
  const nodes = redis.map(({ url }, index) => `{ name: s${index}, primary: "${url}" }`)
  const store =
    'insert into items select * from unnest($1::text[], $2::text[]) on conflict (id) do update set revision = excluded.revision'
  return `
env: test
heartbeat: 250ms
drain: 5s
shards: { topology: ring, nodes: [${nodes.join(', ')}], timeout: 2s }
audit: { share: 0% }
origins:
  items: { type: postgres, url: "${postgres.url}", load: "select id as key, revision as value from items where id = any($1)", store: "${store}" }
keyspaces:
  item: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: items, writes: { strategy: write-through } }
  note: { consistency: strong, ttl: 10m }
`
}

/** An app beside a sidecar: it reads and writes through it, and notes what went wrong. */
class App {
  readonly sidecar: Sidecar
  readonly client: RingsideClient
  readonly failures: string[] = []
  readonly stale: string[] = []
  answers = 0
  #isOver = false
  readonly #running: Promise<unknown>

  /** `acknowledged`: revisions that readers must not fall behind, of all apps together. `writes`: whether it is its turn. */
  constructor(sidecar: Sidecar, acknowledged: Map<string, number>, writes: (app: App) => boolean) {
    this.sidecar = sidecar
    this.client = new RingsideClient({ target: sidecar.grpc, timeoutMs: 10_000 })
    this.#running = Promise.all([this.#read(acknowledged), this.#read(acknowledged), this.#write(acknowledged, writes)])
  }

  /** It begins nothing more, and what it has under way is finished though its sidecar is told to stop. */
  async end(): Promise<number | null> {
    this.#isOver = true
    const code = await this.sidecar.stop()
    await this.#running
    await this.client.close()
    return code
  }

  async #read(acknowledged: ReadonlyMap<string, number>): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const key = KEYS[(turn * 7) % KEYS.length] as string
      const least = acknowledged.get(key) ?? 0
      await this.#noting(async () => {
        const { value } = await this.client.get('item', key, { maxStalenessMs: 0 })
        this.answers += 1
        const revision = Number(value?.toString())
        if (!(revision >= least)) this.stale.push(`${key} was ${revision} after ${least} was acknowledged`)
      })
    }
  }

  /** One app at a time, so that revisions only grow. */
  async #write(acknowledged: Map<string, number>, writes: (app: App) => boolean): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      if (!writes(this)) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        continue
      }
      const key = KEYS[turn % KEYS.length] as string
      const revision = (acknowledged.get(key) ?? 0) + 1
      await this.#noting(async () => {
        await this.client.write('item', key, Buffer.from(String(revision)))
        acknowledged.set(key, revision)
      })
    }
  }

  async #noting(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.failures.push(String(error))
    }
  }
}

describe('a fleet whose sidecars are replaced by those of this version, one after the other', () => {
  let former: FormerBuild
  let postgres: Postgres
  let redis: RedisServer[]
  const apps: App[] = []
  const acknowledged = new Map<string, number>()

  beforeAll(async () => {
    former = buildFormer()
    console.log(`upgrading from ${former.commit}`)
    postgres = await startPostgres()
    await postgres.query('create table items (id text primary key, revision text not null)')
    await postgres.query("insert into items select unnest($1::text[]), '0'", [KEYS])
    await postgres.query('grant select, insert, update on items to ringside')
    redis = await Promise.all([startRedis(), startRedis()])
  }, 120_000)

  afterAll(async () => {
    await Promise.all(apps.splice(0).map((app) => app.end()))
    await Promise.all(redis.map((server) => server.stop()))
    await postgres.stop()
    former.remove()
  })

  /** A pod comes up. The first of the apps is the one that writes. */
  async function start(program?: string): Promise<App> {
    const sidecar = await startSidecar({ config: config(redis, postgres), program })
    const app = new App(sidecar, acknowledged, (one) => one === apps[0])
    apps.push(app)
    return app
  }

  async function end(app: App): Promise<void> {
    apps.splice(apps.indexOf(app), 1)
    expect(await app.end()).toBe(0)
    check([app])
  }

  function check(some: readonly App[]): void {
    expect(some.flatMap(({ failures }) => failures)).toEqual([])
    expect(some.flatMap(({ stale }) => stale)).toEqual([])
  }

  /** Each writes for a while, and all answer. */
  async function together(): Promise<void> {
    for (let writer = 0; writer < apps.length; writer += 1) {
      const before = apps.map(({ answers }) => answers)
      await until('enough answers', () => apps.every((app, place) => app.answers - (before[place] ?? 0) >= ANSWERS))
      apps.push(apps.shift() as App)
    }
    check(apps)
  }

  it('answers nothing that is older than what was acknowledged, and fails no call', async () => {
    const [first, second] = [await start(former.program), await start(former.program)]
    await together()
    await first.client.set('note', 'from the former', Buffer.from('kept'))
    const third = await start()
    await together()
    // What either has stored is a hit for the other, and what either drops is gone for both.
    const kept = { source: 'primary', value: Buffer.from('kept') }
    expect(await third.client.get('note', 'from the former')).toMatchObject(kept)
    await third.client.set('note', 'from this one', Buffer.from('kept'))
    expect(await second.client.get('note', 'from this one')).toMatchObject(kept)
    await third.client.invalidate('note', 'from the former')
    expect((await second.client.get('note', 'from the former')).outcome).toBe('miss')
    await end(first)
    const fourth = await start()
    await together()
    await end(second)
    await together()
    for (const { sidecar } of [third, fourth]) {
      expect(await sidecar.metric('ringside_rings_differ_seconds')).toBe(0)
      expect((await sidecar.readiness()).status).toBe(200)
    }
    const writes = [...acknowledged.values()].reduce((sum, one) => sum + one, 0)
    expect(writes).toBeGreaterThan(10 * KEYS.length)
  }, 120_000)

  it('refuses, in a former sidecar, a configuration that names what only a later one knows, and goes on by the old one', async () => {
    const app = await start(former.program)
    const refused = () => app.sidecar.metric('ringside_config_reloads_total{result="refused"}')
    app.sidecar.configure(config(redis, postgres).replace('ttl: 10m }', 'ttl: 10m, knownToLaterOnes: true }'))
    await until('the refusal', async () => (await refused()) === 1)
    await together()
    expect((await app.sidecar.readiness()).status).toBe(200)
    await end(app)
  }, 120_000)
})
