import { beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import type { RingsideError } from '../../src/base/errors.ts'
import { EnvironmentFlush, type FlushCounts } from '../../src/cache/environment-flush.ts'
import { ERRAND_TTL_MS, FleetErrands } from '../../src/cache/fleet-errands.ts'
import { errandName } from '../../src/keyspace/physical-key.ts'
import { LockTable } from '../../src/store/lock-table.ts'
import type { Tier } from '../../src/store/tier.ts'
import { BacklogUnderTest } from '../contract/backlog-contract.ts'
import { increment } from '../contract/counter-contract.ts'
import { policyOf } from '../keyspace/policy-of.ts'
import { RecordingLog } from '../rpc/recording-log.ts'
import { content } from '../support/content.ts'
import { FailingShard } from '../support/failing-shard.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { memoryShard } from '../support/memory-shard.ts'
import { ringTier } from '../support/ring-tier.ts'

const HEARTBEAT_MS = 200
const POLICIES = [policyOf({ name: 'product' }), policyOf({ name: 'views', kind: 'counter' })]
const KEYS = Array.from({ length: 500 }, (_, key) => `test:product:v1::${key}`)
/** As long as anything here takes at the usual rate. */
const LONG_MS = 60_000
const FOREVER_MS = 1e8
const PER_SECOND = 1_000

let clock: ManualClock
let shards: FailingShard[]
let store: Tier
let log: RecordingLog
let hasRoom: boolean
let told: string[]
let hangUp: () => void

beforeEach(async () => {
  clock = new ManualClock()
  shards = ['a', 'b'].map((name) => new FailingShard(memoryShard(clock, { name })))
  store = ringTier(shards, { clock })
  await store.start()
  log = new RecordingLog()
  hasRoom = true
  told = []
  // A shard that has just started does not know what is under way.
  await clock.advance(2 * ERRAND_TTL_MS)
})

function sidecar(): EnvironmentFlush {
  const table = new LockTable({ mostTtlMs: ERRAND_TTL_MS, heartbeatMs: HEARTBEAT_MS }, { tier: store, clock })
  const errands = new FleetErrands('test', { table, clock, chance: systemChance, log })
  const notices = { tell: async (id: string) => void told.push(id) }
  const options = { env: 'test', keysPerSecond: PER_SECOND }
  const keyspaces = { policies: POLICIES }
  return new EnvironmentFlush(options, {
    ...{ store, errands, keyspaces, notices, mayGoOn: () => hasRoom, clock, chance: systemChance, log },
  })
}

/** What has become of it by now. */
function begin(flush = sidecar(), environment = 'test', keysPerSecond = 0) {
  const outcome: { counts?: FlushCounts; reason?: string } = {}
  const caller = {
    onGone: (listener: () => void) => {
      hangUp = listener
    },
  }
  flush.run({ environment, keysPerSecond }, caller).then(
    (counts) => Object.assign(outcome, { counts }),
    (error: RingsideError) => Object.assign(outcome, { reason: error.reason }),
  )
  return outcome
}

const fill = (keys: readonly string[] = KEYS) =>
  Promise.all(keys.map((key) => store.home(key).put(key, content('v', { ttlMs: FOREVER_MS }))))
const left = async (keys: readonly string[] = KEYS) => {
  const reads = await Promise.all(keys.map((key) => store.home(key).read(key)))
  return reads.filter(({ found }) => found).length
}

describe('a flush', () => {
  it('removes what is cached on every shard, and then tells every sidecar', async () => {
    await fill()
    const outcome = begin()
    await clock.advance(LONG_MS)
    expect(outcome.counts).toMatchObject({ removed: 500 })
    expect(await left()).toBe(0)
    expect(told).toHaveLength(1)
  })

  it.each(['prod', '', 'Test', 'test:', 'test '])('does nothing where the environment is called %j', async (name) => {
    await fill()
    const outcome = begin(sidecar(), name)
    await clock.advance(LONG_MS)
    expect(outcome).toEqual({ reason: 'ENVIRONMENT_MISMATCH' })
    expect(await left()).toBe(500)
    expect(told).toEqual([])
  })

  it('touches nothing of other environments, no counters, and nothing that waits for its origin', async () => {
    const others = ['test2:product:v1::1', 'tes:product:v1::1', 'test:views:v1::1', 'test:unknown:v1::1']
    await fill(others)
    const [counter, waiting] = ['test:views:v1::sum', 'test:product:v1::waits']
    await increment(store.home(counter), counter, { delta: 5n, ttlMs: FOREVER_MS })
    await new BacklogUnderTest(store.home(waiting)).put(waiting, 'new')
    const outcome = begin()
    await clock.advance(LONG_MS)
    expect(outcome.counts).toMatchObject({ removed: 0 })
    expect(await left([...others, counter, waiting])).toBe(6)
  })

  it('goes no faster than it may, or is asked to', async () => {
    await fill()
    const usual = begin()
    await clock.advance(400)
    expect(usual.counts).toBeUndefined()
    await clock.advance(LONG_MS)
    expect(usual.counts).toMatchObject({ removed: 500 })
    await fill()
    const slow = begin(sidecar(), 'test', 10)
    await clock.advance(20_000)
    expect(slow.counts).toBeUndefined()
    await clock.advance(LONG_MS)
    expect(slow.counts).toMatchObject({ removed: 500 })
  })

  it('waits while callers wait for an origin, and goes on when that has room', async () => {
    await fill()
    hasRoom = false
    const outcome = begin()
    await clock.advance(LONG_MS)
    expect(await left()).toBe(500)
    hasRoom = true
    await clock.advance(LONG_MS)
    expect(outcome.counts).toMatchObject({ removed: 500 })
  })

  it('ends when its caller hangs up, telling nobody, and lets another begin', async () => {
    await fill()
    hasRoom = false
    const outcome = begin()
    await clock.advance(1_000)
    hangUp()
    await clock.advance(1_000)
    expect(outcome).toEqual({ reason: 'CANCELLED' })
    expect([await left(), told.length]).toEqual([500, 0])
    hasRoom = true
    const next = begin(sidecar())
    await clock.advance(LONG_MS)
    expect(next.counts).toMatchObject({ removed: 500 })
  })

  it('is one at a time in the whole fleet', async () => {
    hasRoom = false
    const first = begin()
    await clock.advance(1_000)
    const second = begin(sidecar())
    await clock.advance(LONG_MS)
    expect([first, second]).toEqual([{}, { reason: 'ERRAND_UNDER_WAY' }])
    hasRoom = true
    await clock.advance(LONG_MS)
    expect(first.counts).toBeDefined()
  })

  it('bears with a shard that gives no answer for a moment, and fails where it gives none for long', async () => {
    await fill()
    const errandShard = store.home(errandName('test', 'flush')).name
    const other = shards.find(({ name }) => name !== errandShard) as FailingShard
    const brief = begin()
    other.down = true
    await clock.advance(500)
    other.down = false
    await clock.advance(LONG_MS)
    expect(brief.counts).toMatchObject({ removed: 500 })
    await fill()
    other.down = true
    const long = begin()
    await clock.advance(LONG_MS)
    expect(long).toEqual({ reason: 'SHARD_UNAVAILABLE' })
    expect(told).toHaveLength(1)
  })

  it('is told of in the log, without a key', async () => {
    await fill()
    begin(sidecar(), 'test', 10)
    await clock.advance(2 * LONG_MS)
    const messages = log.lines.map(({ message }) => message)
    expect(messages[0]).toBe('flush begun')
    expect(messages).toContain('flush under way')
    expect(messages.at(-1)).toBe('flush ended')
    expect(JSON.stringify(log.lines)).not.toContain('product')
  })
})
