import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CacheClient } from '../rpc/client.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { type Sidecar, startSidecar } from '../support/sidecar.ts'
import { TcpForwarder } from '../support/tcp-forwarder.ts'
import { until } from '../support/until.ts'

const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`)
const untouched = Array.from({ length: 50 }, (_, index) => `untouched-${index}`)

let server: RedisServer
/** The only way from the sidecar to the server. */
let road: TcpForwarder
let folder: string
let sidecar: Sidecar
let client: CacheClient

beforeEach(async () => {
  server = await startRedis()
  road = await TcpForwarder.start(server.port)
  folder = mkdtempSync(join(tmpdir(), 'ringside-journal-'))
})
afterEach(async () => {
  client.close()
  await sidecar.kill()
  await road.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start({ maxBytes = '1MiB', unready = false } = {}): Promise<void> {
  sidecar = await startSidecar({
    config: `
env: test
heartbeat: 200ms
shards: { topology: ring, timeout: 200ms, nodes: [{ name: a, primary: "${road.url}" }] }
journal: { path: "${folder}", maxBytes: ${maxBytes} }
keyspaces:
  product: { consistency: bounded, maxStaleness: 30s, ttl: 10m }
  exact: { consistency: strong, ttl: 10m }
`,
    unready,
  })
  client = new CacheClient(sidecar.grpc)
}

async function restart(more: { readonly maxBytes?: string } = {}): Promise<void> {
  client.close()
  await sidecar.kill()
  await start({ ...more, unready: true })
}

/** Everything stored, by this sidecar, and the near cache filled. */
async function fill(): Promise<void> {
  for (const key of [...keys, ...untouched]) {
    await client.set({ keyspace: 'product', key, value: Buffer.from('old') })
    await client.get({ keyspace: 'product', key })
  }
}

const invalidate = (names: readonly string[], keyspace = 'product') =>
  client.invalidate({ targets: names.map((key) => ({ keyspace, key })) })

/** What reads say, again and again, until the shard answers again; every answer on the way counts. */
async function readUntilBack(
  names: readonly string[],
  max_staleness_ms?: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const bound = max_staleness_ms === undefined ? {} : { max_staleness_ms }
  const seen = new Map<string, string[]>(names.map((key) => [key, []]))
  await until('answers for all keys', async () => {
    const answers = await Promise.all(
      names.map((key) => client.get({ keyspace: 'product', key, ...bound }).catch(() => undefined)),
    )
    for (const [index, answer] of answers.entries()) {
      if (answer !== undefined) seen.get(names[index] as string)?.push(answer.outcome)
    }
    return answers.every((answer) => answer !== undefined)
  })
  return seen
}

const everFound = (seen: ReadonlyMap<string, readonly string[]>) =>
  [...seen].filter(([, outcomes]) => outcomes.includes('OUTCOME_FOUND')).map(([key]) => key)

const epoch = async () => (await server.client.hgetBuffer('test:~life', 'epoch'))?.toString('hex')
const file = () => join(folder, 'a.journal')

/** How a shard can be out of reach, and come back. Nothing that was said meanwhile arrives, but where it is frozen. */
const FAULTS = {
  'cannot be connected': { begin: () => road.refuse(), end: () => road.welcome() },
  'takes connections and says nothing': {
    begin: () => road.hold(),
    end: () => {
      road.cut()
      road.release()
    },
  },
  'is frozen': { begin: () => server.freeze(), end: () => server.thaw() },
}

describe('an invalidation whose shard', () => {
  it.each(Object.entries(FAULTS))(
    '%s is deferred, in a strong keyspace refused, and made good before anything is read when it is back',
    async (_, fault) => {
      await start()
      await fill()
      fault.begin()
      const { results } = await invalidate(keys)
      expect(results.every(({ deferred }) => deferred)).toBe(true)
      await expect(invalidate(['key-0'], 'exact')).rejects.toMatchObject({ code: status.UNAVAILABLE })
      expect(await sidecar.metric('ringside_journal_keys{shard="a"}')).toBe(keys.length)
      fault.end()
      expect(everFound(await readUntilBack(keys))).toEqual([])
      expect(everFound(await readUntilBack(untouched))).toEqual(untouched)
      await until('an empty journal', async () => (await sidecar.metric('ringside_journal_keys{shard="a"}')) === 0)
    },
  )

  it('outlives the sidecar, killed in mid-sentence, and is made good by the next before anything is read', async () => {
    await start()
    await fill()
    const before = await epoch()
    road.refuse()
    await invalidate(keys.slice(0, 25))
    const rest = keys.slice(25).map(async (key) => {
      await invalidate([key])
      return key
    })
    await Promise.race(rest)
    await sidecar.kill()
    const told = (await Promise.allSettled(rest)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(told.length).toBeGreaterThan(0)
    await restart()
    road.welcome()
    expect(everFound(await readUntilBack([...keys.slice(0, 25), ...told]))).toEqual([])
    expect(everFound(await readUntilBack(untouched))).toEqual(untouched)
    expect(await epoch()).toBe(before)
  })
})

/** The server is killed, and comes back with what it had at its last snapshot. */
async function goBack(): Promise<void> {
  const run = await server.client.hget('test:~life', 'run')
  await server.restart()
  await until('a new epoch whose past has been judged', async () => {
    const isNew = (await server.client.hget('test:~life', 'run')) !== run
    return isNew && (await server.client.hstrlen('test:~life', 'past')) === 0
  })
}

const accepted = async () => (await server.client.hstrlen('test:~life', 'accepted')) > 0

describe('a shard that forgets what had been made good from the journal', () => {
  /** By another sidecar than the one that is asked later: that would have it in mind that it wrote these keys. */
  async function fillAndLeave(): Promise<void> {
    await fill()
    client.close()
    await sidecar.stop()
  }

  it('is told of it again', async () => {
    await start()
    await fillAndLeave()
    await start()
    await server.snapshot()
    road.refuse()
    await invalidate(keys)
    road.welcome()
    await until('an empty journal', async () => (await sidecar.metric('ringside_journal_keys{shard="a"}')) === 0)
    await goBack()
    expect(await accepted()).toBe(true)
    expect(everFound(await readUntilBack(keys))).toEqual([])
    expect(everFound(await readUntilBack(untouched))).toEqual(untouched)
  })

  it('is not believed any more when nobody knows what that was', async () => {
    await start()
    await fillAndLeave()
    await start({ maxBytes: '4KiB' })
    await server.snapshot()
    road.refuse()
    for (let round = 0; round < 5; round += 1) await invalidate(keys.map((key) => `${key}-${round}`))
    await invalidate(keys)
    road.welcome()
    await readUntilBack(keys)
    await goBack()
    expect(await accepted()).toBe(false)
    // In quarantine the old ones were as good as they say, for a reader who bears that: as of the snapshot.
    await until('misses', async () => everFound(await readUntilBack(keys, 1_000)).length === 0)
  })
})

describe('a Set whose answer got lost', () => {
  it('fails, and leaves neither the value before nor its own', async () => {
    await start()
    await fill()
    road.hold(['replies'])
    const set = client.set({ keyspace: 'product', key: 'key-0', value: Buffer.from('new') })
    await expect(set).rejects.toMatchObject({ code: status.UNAVAILABLE })
    FAULTS['takes connections and says nothing'].end()
    expect(everFound(await readUntilBack(['key-0']))).toEqual([])
    expect(everFound(await readUntilBack(['key-1']))).toEqual(['key-1'])
  })
})

describe('a shard whose journal cannot tell its keys any more', () => {
  /** Deferred, then the sidecar killed, and the journal changed before the next one starts. */
  async function afterDeath(change: () => void): Promise<void> {
    await start()
    await fill()
    road.refuse()
    await invalidate(keys)
    await sidecar.kill()
    change()
    await restart()
    road.welcome()
  }

  it('loses its epoch when the journal was full', async () => {
    await start({ maxBytes: '4KiB' })
    await fill()
    const before = await epoch()
    road.refuse()
    for (let round = 0; round < 5; round += 1) {
      const { results } = await invalidate(keys.map((key) => `${key}-${round}`))
      expect(results.every(({ deferred }) => deferred)).toBe(true)
    }
    expect(await sidecar.metric('ringside_journal_losses_total{shard="a",why="full"}')).toBe(1)
    await invalidate(keys)
    road.welcome()
    expect(everFound(await readUntilBack(keys))).toEqual([])
    expect(await epoch()).not.toBe(before)
    expect(sidecar.log()).toContain('the epoch of the shard was ended')
  })

  it('loses its epoch when the journal is damaged', async () => {
    await afterDeath(() => {
      const bytes = readFileSync(file())
      bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)
      writeFileSync(file(), bytes)
    })
    expect(everFound(await readUntilBack([...keys, ...untouched]))).toEqual([])
    expect(await sidecar.metric('ringside_journal_losses_total{shard="a",why="damaged"}')).toBe(1)
  })

  it('loses its epoch when the journal is gone', async () => {
    await afterDeath(() => rmSync(file()))
    expect(everFound(await readUntilBack([...keys, ...untouched]))).toEqual([])
    expect(sidecar.log()).toContain('"why":"missing"')
  })
})
