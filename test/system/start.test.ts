import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { freePort } from '../support/free-port.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { createProducts, productValue } from '../support/products.ts'
import { runProgram } from '../support/program.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { startSidecar } from '../support/sidecar.ts'
import { until } from '../support/until.ts'

const TEN_MISTAKES = `
env: "pro:d"
heartbeat: 10
drain: 10x
near: { maxBytes: 64, policy: fifo }
lease: { ttl: soon }
limits: { batch: 0 }
shards: { topology: ring, nodes: [{ name: a, primary: "http://x" }] }
keyspaces:
  product: { consistency: bounded, ttl: 10m, maxStalenes: 5s }
  session: { consistency: strong, ttl: 1m, tenants: perhaps }
`

describe('the program', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'ringside-start-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const file = (name: string, text: string) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }

  it('names ten mistakes of a configuration at once, each with its path and line, and does not start', async () => {
    const ended = await runProgram(['--config', file('ten.yaml', TEN_MISTAKES)])
    expect(ended.code).toBe(1)
    const lines = ended.stderr.split('\n').filter((line) => line.startsWith('  '))
    expect(ended.stderr).toContain(`${lines.length} problems`)
    for (const path of [
      'env',
      'heartbeat',
      'near.maxBytes',
      'near.policy',
      'lease.ttl',
      'limits.batch',
      'shards.nodes[0].primary',
      'keyspaces.product.maxStalenes',
      'drain',
      'keyspaces.session.tenants',
    ]) {
      expect(
        lines.filter((line) => line.includes(`${path} (line `)),
        path,
      ).toHaveLength(1)
    }
    expect(lines).toHaveLength(10)
  })

  it('names a variable that is not set', async () => {
    const text =
      'env: test\nshards: { topology: ring, nodes: [{ name: a, primary: "${NO_SUCH_URL}" }] }\nkeyspaces: {}\n'
    const ended = await runProgram(['--check', '--config', file('unset.yaml', text)])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/shards\.nodes\[0\]\.primary \(line 2\).*NO_SUCH_URL/)
  })

  it('prints with --check what is in force, and no secret', async () => {
    const text = `
env: test
shards: { topology: ring, nodes: [{ name: a, primary: "redis://app:hush@10.0.0.1:6379" }] }
origins: { db: { type: postgres, url: "\${DB_URL}", load: "select 1 as key, 2 as value where 1 = any($1)" } }
keyspaces: { product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: db } }
`
    const ended = await runProgram(['--check', '--config', file('secret.yaml', text)], {
      DB_URL: 'postgres://u:pst@db/x',
    })
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    expect(ended.stdout).toContain('jitter: 10%')
    expect(ended.stdout + ended.stderr).not.toMatch(/hush|pst/)
  })

  it('answers a command line that it does not understand with its usage', async () => {
    const ended = await runProgram(['--nope'])
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('usage:')
  })

  it('says so when its address is taken', async () => {
    const first = await startSidecar({
      config: 'env: test\nshards: { topology: embedded }\nkeyspaces: { s: { consistency: tolerant, ttl: 1m } }',
    })
    const text = `
env: test
shards: { topology: embedded }
keyspaces: { s: { consistency: tolerant, ttl: 1m } }
listen: { grpc: "${first.grpc}", admin: "127.0.0.1:0", socket: off }
`
    const ended = await runProgram(['--config', file('taken.yaml', text)])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(first.grpc)
    await first.stop()
  })
})

describe('a sidecar whose surroundings are not there yet', () => {
  let redis: RedisServer
  let postgres: Postgres
  beforeAll(async () => {
    redis = await startRedis()
    postgres = await startPostgres()
    await createProducts(postgres)
  })
  afterAll(async () => {
    await redis.stop()
    await postgres.stop()
  })

  const config = (primary: string, database: string, more = '') => `
env: test
shards: { topology: ring, nodes: [{ name: a, primary: "${primary}" }] }
origins: { db: { type: postgres, url: "${database}", timeout: 1s, load: "select id as key, value from product_values where id = any($1)" } }
keyspaces:
  product: { consistency: bounded, maxStaleness: 5s, ttl: 10m, origin: db }
  ${more}
`

  it('starts without its shard, serves from the origin what the policy lets it, and says why it is not whole', async () => {
    const nobody = `redis://127.0.0.1:${await freePort()}`
    const sidecar = await startSidecar({ config: config(nobody, postgres.url) })
    const client = new CacheClient(sidecar.grpc)
    expect(await client.get({ keyspace: 'product', key: '1' })).toMatchObject({ source: 'SOURCE_ORIGIN' })
    expect((await sidecar.readiness()).body.reasons.join()).toContain('ECONNREFUSED')
    client.close()
    expect(await sidecar.stop()).toBe(0)
  })

  it('is ready without its only shard as long as one keyspace can be answered, and names the one that cannot', async () => {
    const nobody = `redis://127.0.0.1:${await freePort()}`
    const aside = 'session: { consistency: tolerant, ttl: 1m }'
    const sidecar = await startSidecar({ config: config(nobody, postgres.url, aside) })
    const { status, body } = await sidecar.readiness()
    expect(status).toBe(200)
    expect(body.reasons.join()).toContain('cannot be answered: session')
    const client = new CacheClient(sidecar.grpc)
    await expect(client.get({ keyspace: 'session', key: '1' })).rejects.toMatchObject({ code: 14 })
    client.close()
    await sidecar.stop()
  })

  it('is not ready without its only shard when no keyspace can be answered', async () => {
    const nobody = `redis://127.0.0.1:${await freePort()}`
    const careful = `
env: test
shards: { topology: ring, nodes: [{ name: a, primary: "${nobody}" }] }
keyspaces: { session: { consistency: tolerant, ttl: 1m } }
`
    const sidecar = await startSidecar({ config: careful, unready: true })
    expect((await sidecar.readiness()).status).toBe(503)
    await sidecar.stop()
  })

  it('starts without its database, answers UNAVAILABLE, and recovers by itself', async () => {
    await postgres.kill()
    const sidecar = await startSidecar({ config: config(redis.url, postgres.url) })
    const client = new CacheClient(sidecar.grpc)
    await expect(client.get({ keyspace: 'product', key: '2' })).rejects.toMatchObject({ code: 14 })
    await postgres.restart()
    await until('an answer', async () => {
      const answer = await client.get({ keyspace: 'product', key: '2' }).catch(() => undefined)
      return answer?.value.toString() === productValue(2)
    })
    client.close()
    await sidecar.stop()
  })

  it('tells a wrong password of the database from a missing row, and shows it to nobody', async () => {
    const sidecar = await startSidecar({ config: config(redis.url, postgres.url.replace(/:[^:@]+@/, ':guess@')) })
    const client = new CacheClient(sidecar.grpc)
    const error = await client.get({ keyspace: 'product', key: '3' }).catch((caught: Error) => caught)
    expect(error).toMatchObject({ code: 14, message: expect.stringContaining('28P01') })
    expect(String((error as Error).message) + sidecar.log()).not.toContain('guess')
    client.close()
    await sidecar.stop()
  })

  it('shares a Redis with another environment, and neither sees the keys of the other', async () => {
    const text = (env: string) => `
env: ${env}
shards: { topology: ring, nodes: [{ name: a, primary: "${redis.url}" }] }
keyspaces: { session: { consistency: tolerant, ttl: 1m } }
`
    const sidecars = await Promise.all([
      startSidecar({ config: text('blue') }),
      startSidecar({ config: text('green') }),
    ])
    const [blue, green] = sidecars.map((sidecar) => new CacheClient(sidecar.grpc)) as [CacheClient, CacheClient]
    await blue.set({ keyspace: 'session', key: 'k', value: Buffer.from('blue') })
    expect(await green.get({ keyspace: 'session', key: 'k' })).toMatchObject({ outcome: 'OUTCOME_MISS' })
    expect((await blue.get({ keyspace: 'session', key: 'k' })).value.toString()).toBe('blue')
    for (const client of [blue, green]) client.close()
    await Promise.all(sidecars.map((sidecar) => sidecar.stop()))
  })
})
