import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { EventConsumer } from '../../src/events/event-consumer.ts'
import { StreamSource, type StreamSourceOptions } from '../../src/events/stream-source.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { keyTemplate, ruleOf, rulesOf } from './given-rules.ts'

const RULE = ruleOf({ on: 'ProductUpdated' }, keyTemplate('product', '{id}'))
const OPTIONS = { name: 'bus', stream: 'events', group: 'ringside', beatMs: 100 }

let redis: RedisServer
let consumers: EventConsumer[]
let sources: StreamSource[]
let invalidated: string[]
let isCut: boolean

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(() => redis.stop())

beforeEach(() => {
  consumers = []
  sources = []
  invalidated = []
  isCut = false
})

afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.close()))
  await redis.client.flushall()
})

function consume(options: Partial<StreamSourceOptions> = {}): EventConsumer {
  const parts = { clock: systemClock, chance: systemChance, log: silentLog }
  const source = new StreamSource({ ...OPTIONS, url: redis.url, ...options }, parts)
  sources.push(source)
  const consumer = new EventConsumer({
    ...{ ...parts, source, rules: rulesOf(RULE) },
    invalidate: async ({ keys }) => {
      if (isCut) throw new RingsideError('SHARD_UNAVAILABLE', 'no answer')
      invalidated.push(...keys.map(({ key }) => key))
    },
  })
  consumers.push(consumer)
  consumer.start()
  return consumer
}

async function active(consumer: EventConsumer): Promise<EventConsumer> {
  await until('its turn', () => consumer.state().is === 'active')
  return consumer
}

const add = (...fields: readonly string[]) => redis.client.xadd('events', '*', ...fields)
const updated = (id: number) => add('type', 'ProductUpdated', 'payload', JSON.stringify({ id }))
const has = (key: string) => until(key, () => invalidated.includes(key))

/** Entries that were delivered and not acknowledged. */
async function pending(): Promise<number> {
  const [count] = (await redis.client.xpending('events', 'ringside')) as [number]
  return count
}

describe('a stream', () => {
  it('tells of events in a payload or in fields, also of those that were there before the group', async () => {
    await updated(1)
    const consumer = consume()
    await has('1')
    await add('type', 'ProductUpdated', 'id', '2')
    await has('2')
    await until('acknowledgements', async () => (await pending()) === 0)
    expect(consumer.stats().results).toMatchObject({ applied: 2, malformed: 0 })
  })

  it('keeps entries pending until what they outdate is invalidated', async () => {
    const consumer = await active(consume())
    isCut = true
    await updated(1)
    await until('failures', () => consumer.stats().results.failed >= 2)
    expect(await pending()).toBe(1)
    isCut = false
    await has('1')
    await until('the acknowledgement', async () => (await pending()) === 0)
  })

  it('has what is malformed set aside with its reason, and lets nothing wait for it', async () => {
    const consumer = await active(consume())
    const id = await add('type', 'ProductUpdated', 'payload', '[1]')
    await add('id', '1')
    await add('type', 'ProductUpdated', 'id', 'x')
    await updated(2)
    await has('2')
    await until('the count', () => consumer.stats().results.malformed === 3)
    const dead = (await redis.client.xrange('events:ringside-dead', '-', '+')).map(([, fields]) => fields)
    expect(dead).toEqual([
      ['entry', id, 'reason', 'its payload is no JSON object', 'fields', '["type","ProductUpdated","payload","[1]"]'],
      ['entry', expect.any(String), 'reason', 'its entry has no field type', 'fields', '["id","1"]'],
      ['entry', expect.any(String), 'reason', expect.stringContaining('"x"'), 'fields', expect.any(String)],
    ])
  })

  it('takes many more entries than fit together', async () => {
    const pipeline = redis.client.pipeline()
    for (let id = 1; id <= 2_500; id += 1) pipeline.xadd('events', '*', 'type', 'ProductUpdated', 'id', String(id))
    await pipeline.exec()
    consume()
    await has('2500')
    await until('all', () => new Set(invalidated).size === 2_500)
  })
})

describe('the one consumer of a stream', () => {
  it('is followed by another when it ends, which takes what was left behind', async () => {
    const first = await active(consume())
    isCut = true
    await updated(1)
    await until('a failure', () => first.stats().results.failed > 0)
    const second = consume()
    await until('its wait', () => second.state().is === 'standby')
    await first.close()
    isCut = false
    await has('1')
    expect(second.state()).toEqual({ is: 'active' })
    await until('the acknowledgement', async () => (await pending()) === 0)
  })

  it('takes what a consumer of another name was given and never acknowledged', async () => {
    await redis.client.xgroup('CREATE', 'events', 'ringside', '0', 'MKSTREAM')
    await updated(1)
    await redis.client.xreadgroup('GROUP', 'ringside', 'dead', 'COUNT', 10, 'STREAMS', 'events', '>')
    consume()
    await has('1')
  })

  it('takes what a consumer was given that had stood still and lost its lock', async () => {
    await active(consume())
    await redis.client
      .multi()
      .xadd('events', '*', 'type', 'ProductUpdated', 'id', '7')
      .xreadgroup('GROUP', 'ringside', 'late', 'STREAMS', 'events', '>')
      .exec()
    await has('7')
    expect(await redis.client.xlen('events')).toBe(1)
  })

  it('loses its lock when it stands still', async () => {
    let isFrozen = false
    const after: Clock['after'] = (delayMs, run) => systemClock.after(delayMs, () => (isFrozen ? undefined : run()))
    const frozen = new StreamSource(
      { ...OPTIONS, url: redis.url },
      { clock: { ...systemClock, after }, chance: systemChance },
    )
    const session = await frozen.open(async () => undefined)
    isFrozen = true
    await updated(1)
    const second = consume()
    await has('1')
    await session?.close()
    expect(await redis.client.exists('events:ringside-lock:ringside')).toBe(1)
    expect(second.state()).toEqual({ is: 'active' })
  })

  it('notices that the lock is another’s, and stands by', async () => {
    const consumer = await active(consume())
    await redis.client.set('events:ringside-lock:ringside', 'another', 'PX', 60_000)
    await until('its wait', () => consumer.state().is === 'standby')
  })

  it('goes on after its server was restarted and had forgotten everything, and says what that means', async () => {
    const consumer = await active(consume())
    await redis.kill()
    await until('its notice', () => consumer.state().is === 'down')
    await redis.restart()
    await updated(1)
    await has('1')
    expect(consumer.stats().gaps).toBe(2)
    expect(sources[0]?.warnings()).toEqual([expect.stringContaining('entries were lost')])
  })
})

describe('a stream that is trimmed', () => {
  it('before its entries were read is told as a gap', async () => {
    const consumer = await active(consume())
    await updated(1)
    await has('1')
    await until('the acknowledgement', async () => (await pending()) === 0)
    await consumer.close()
    await updated(2)
    await updated(3)
    await redis.client.xtrim('events', 'MAXLEN', 1)
    const next = await active(consume())
    await has('3')
    expect(next.stats().gaps).toBe(1)
    expect(sources[1]?.warnings()).toEqual([expect.stringContaining('entries were lost')])
  })

  it('after its entries were read is not', async () => {
    const consumer = await active(consume())
    await updated(1)
    await has('1')
    await until('the acknowledgement', async () => (await pending()) === 0)
    await consumer.close()
    await redis.client.xtrim('events', 'MAXLEN', 0)
    await updated(2)
    const next = await active(consume())
    await has('2')
    expect(next.stats().gaps).toBe(0)
  })
})
