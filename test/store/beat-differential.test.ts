import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import type { Line } from '../../src/store/line.ts'
import { MemoryLife } from '../../src/store/memory/memory-life.ts'
import type { Beat, Pulse } from '../../src/store/operations.ts'
import { RedisServer as RedisTier } from '../../src/store/redis/redis-server.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { shardGuard } from '../support/redis-shard.ts'

const MEMBERS = ['a', 'b', 'c', 'd']
const QUARANTINE_MS = 10_000
const FORGOTTEN_MS = 15_000

type Step =
  | { readonly name: 'restart' }
  | {
      readonly name: 'beat'
      readonly member: string
      readonly leaves: boolean
      /** The member tells the list that it was last told, or none. */
      readonly knows: boolean
      readonly report: 'none' | 'present' | 'former'
      readonly forgot: boolean
      readonly missing: readonly string[]
      readonly floor: number
      readonly ends: 'none' | 'present' | 'former'
      readonly notice: string
      readonly ring: Beat['ring']
      readonly versions: string
    }

const beats: fc.Arbitrary<Step> = fc.record({
  name: fc.constant('beat' as const),
  member: fc.constantFrom('', ...MEMBERS),
  leaves: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  knows: fc.boolean(),
  report: fc.constantFrom('none' as const, 'present' as const, 'present' as const, 'former' as const),
  forgot: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  missing: fc.subarray([...MEMBERS, 'lost'], { maxLength: 1 }),
  floor: fc.nat({ max: 1_000 }),
  notice: fc.constantFrom('', '{"a":"1"}', 'one:two\nthree'),
  ring: fc.option(fc.record({ number: fc.nat({ max: 9 }), text: fc.constantFrom('0a [x]', '0b y z') }), {
    nil: undefined,
    freq: 1,
  }),
  versions: fc.constantFrom('', '', 'a 2 1\n', 'a 3 1\nb 1 0\n', 'b 12 12\n', 'a 2 2\nc-d 1 1\n', 'no sense'),
  ends: fc.integer({ min: 0, max: 39 }).map((n) => (n === 0 ? 'present' : n === 1 ? 'former' : 'none')),
})
const steps = fc.array(
  fc.oneof({ weight: 1, arbitrary: fc.constant<Step>({ name: 'restart' }) }, { weight: 6, arbitrary: beats }),
  { minLength: 1, maxLength: 30 },
)

let server: RedisServer
let line: Line
let tier: RedisTier
let spaces = 0

/** The same heartbeats to both, each with a server time of its own that both agree on. */
class Both {
  readonly controls = `run${spaces++}:~`
  readonly #memory = new MemoryLife(ALL_RULES)
  #run = 'first'
  #nowMs = 1_000_000
  #epochs = 0
  /** The last answers as they came. */
  asked!: { readonly redis: Pulse; readonly memory: Pulse }
  readonly #told = new Map<string, Pulse>()
  readonly #seen: number[] = []

  /** Both servers forget who they were, not what they knew. */
  async restart(): Promise<void> {
    this.#run += "'"
    if ((await server.client.exists(`${this.controls}life`)) === 1) {
      await server.client.hset(`${this.controls}life`, 'run', 'another')
    }
  }

  /** Moves what Redis remembers into the past, since its clock cannot be moved. */
  async elapse(ms: number): Promise<void> {
    this.#nowMs += ms
    await server.client.hincrby(`${this.controls}life`, 'since', -ms)
    for (const member of await server.client.zrange(`${this.controls}seen`, '0', '-1')) {
      await server.client.call('ZINCRBY', `${this.controls}seen`, `${-ms}`, member)
    }
  }

  async beat(beat: Partial<Beat> & { readonly member: string }): Promise<{ redis: Pulse; memory: Pulse }> {
    this.#epochs += 1
    const whole: Beat = {
      controls: this.controls,
      candidate: this.#epochs,
      known: undefined,
      report: undefined,
      leaves: false,
      floor: 0,
      probe: '',
      notice: '',
      ring: undefined,
      versions: '',
      ...beat,
    }
    const redis = (await line.send('beat', whole)).value
    const memory = this.#memory.beat(whole, this.#run, this.#nowMs)
    this.asked = { redis, memory }
    this.#told.set(beat.member, redis)
    if (this.#seen.at(-1) !== redis.epoch) this.#seen.push(redis.epoch)
    return { redis: inWords(redis), memory: inWords(memory) }
  }

  async apply(step: Step): Promise<unknown> {
    if (step.name === 'restart') return this.restart()
    const { member, leaves, knows, report, forgot, missing, floor, notice, ring, versions } = step
    const ends = { none: undefined, present: this.#seen.at(-1), former: this.#seen.at(-2) }[step.ends]
    const last = this.#told.get(member)
    const known = knows && last !== undefined ? { epoch: last.epoch, list: last.list } : undefined
    const epoch = { none: undefined, present: this.#seen.at(-1), former: this.#seen.at(-2) }[report]
    const said = member === '' || epoch === undefined ? undefined : { epoch, forgot, missing }
    const { redis, memory } = await this.beat({
      member,
      leaves: member !== '' && leaves,
      known,
      report: said,
      floor,
      ends,
      notice,
      ring,
      versions,
    })
    expect(memory).toEqual(redis)
    return redis
  }
}

/**
 * The order of a member list says nothing, and an empty one may be left out. Whether the first version under a ring is 0
 * is all that two servers with clocks of their own can agree on.
 */
function inWords(pulse: Pulse): Pulse {
  const { members, notices, rings } = pulse
  return {
    ...pulse,
    // How old it is only their clocks say.
    epochAgeMs: pulse.epochAgeMs === undefined ? undefined : 0,
    members: members === undefined || members.length === 0 ? undefined : [...members].sort(),
    notices: [...notices].sort(([one], [other]) => (one < other ? -1 : 1)),
    rings: rings?.map((ring) => ({ ...ring, firstVersion: Math.sign(ring.firstVersion) })),
  }
}

beforeAll(async () => {
  server = await startRedis()
  tier = new RedisTier({ url: server.url, silenceMs: 60_000 }, { guard: shardGuard(5_000), clock: systemClock })
  line = await tier.dial(() => undefined)
})
afterAll(async () => {
  line.close()
  tier.close()
  await server.stop()
})

describe('the heartbeat in Lua and the one in process', () => {
  it('answer the same to the same heartbeats', async () => {
    let quarantines = 0
    let acceptances = 0
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const both = new Both()
        for (const step of sequence) {
          const pulse = (await both.apply(step)) as Pulse | undefined
          if (pulse?.past !== undefined) quarantines += 1
          if (pulse !== undefined && pulse.accepted.length > 0) acceptances += 1
        }
      }),
      { numRuns: 500 },
    )
    // Otherwise nothing of what matters would have been compared.
    expect(Math.min(quarantines, acceptances)).toBeGreaterThan(0)
  })
})

describe.each(['redis', 'memory'] as const)('a shard (%s) as a notice board', (which) => {
  let both: Both
  const beat = async (beat: Partial<Beat> & { readonly member: string }) => (await both.beat(beat))[which]
  const known = ({ epoch, list }: Pulse) => ({ epoch, list })

  beforeEach(async () => {
    both = new Both()
    await beat({ member: 'a', notice: 'A' })
  })

  it('tells what others say, once, and again when it has changed', async () => {
    const first = await beat({ member: 'b', notice: 'B' })
    expect(first.notices).toEqual([['a', 'A']])
    const second = await beat({ member: 'b', notice: 'B', known: known(first) })
    expect(second).toMatchObject({ notices: [], list: first.list, members: undefined })
    await beat({ member: 'a', notice: 'AA' })
    const third = await beat({ member: 'b', notice: 'B', known: known(second) })
    expect(third).toMatchObject({ notices: [['a', 'AA']], members: ['a', 'b'] })
  })

  it('tells that somebody says nothing any more', async () => {
    const first = await beat({ member: 'b' })
    await beat({ member: 'a', notice: '' })
    expect((await beat({ member: 'b', known: known(first) })).notices).toEqual([['a', '']])
  })

  it('keeps it over a restart, and tells it to everybody then', async () => {
    const first = await beat({ member: 'b' })
    await both.restart()
    expect((await beat({ member: 'b', known: known(first) })).notices).toEqual([['a', 'A']])
  })

  it('forgets it with its member, and takes it anew from one who comes back with the same', async () => {
    const first = await beat({ member: 'b' })
    await both.elapse(FORGOTTEN_MS + 100)
    const second = await beat({ member: 'b', known: known(first) })
    expect(second).toMatchObject({ members: ['b'], notices: [] })
    await beat({ member: 'a', notice: 'A' })
    expect((await beat({ member: 'b', known: known(second) })).notices).toEqual([['a', 'A']])
  })

  it('remembers the rings that came into use, also when nobody is left who reads by them', async () => {
    await beat({ member: 'a', ring: { number: 0, text: 'one' } })
    await beat({ member: 'a', ring: { number: 2, text: 'two' } })
    await beat({ member: 'a', leaves: true })
    const { rings } = await beat({ member: 'b' })
    expect(rings).toEqual([
      { number: 1, text: 'one', firstVersion: 0 },
      { number: 2, text: 'two', firstVersion: 1 },
    ])
  })

  it('begins the versions under a ring above everything that anybody knows to have been stored', async () => {
    const floor = 5_000_000_000_000_000
    await beat({ member: 'a', ring: { number: 2, text: 'two' }, floor })
    const { rings } = both.asked[which]
    expect(rings?.[0]?.firstVersion).toBe(floor + 1_000_000)
  })

  it('does not let an earlier ring come after a later one, nor one twice', async () => {
    for (const number of [2, 1, 2, 0]) await beat({ member: 'a', ring: { number, text: 'same' } })
    const { rings } = await beat({ member: 'b' })
    expect(rings?.map(({ number }) => number)).toEqual([2])
    // Something may have been left behind by rings that this server was not told of.
    expect(rings?.[0]?.firstVersion).toBeGreaterThan(0)
  })

  it('remembers the last four rings', async () => {
    for (const number of [1, 2, 3, 4, 5, 6]) await beat({ member: 'a', ring: { number, text: `ring ${number}` } })
    const { rings } = await beat({ member: 'b' })
    expect(rings?.map(({ text }) => text)).toEqual(['ring 3', 'ring 4', 'ring 5', 'ring 6'])
  })
})

describe.each(['redis', 'memory'] as const)('a shard (%s) that came back without a piece of its memory', (which) => {
  let both: Both
  const beat = async (beat: Partial<Beat> & { readonly member: string }) => (await both.beat(beat))[which]
  const replayed = (member: string, { epoch }: Pulse, more = {}) =>
    beat({ member, report: { epoch, forgot: false, missing: [], ...more } })

  beforeEach(async () => {
    both = new Both()
    for (const member of ['a', 'b']) await beat({ member })
    await both.restart()
  })

  it('accepts the memory before when all that it knew have replayed, and not sooner', async () => {
    const first = await beat({ member: 'a' })
    expect(first.past).toMatchObject({ stamp: 2 })
    expect((await replayed('a', first)).accepted).toEqual([])
    expect(await replayed('b', first)).toMatchObject({ accepted: first.past?.epochs, past: undefined })
  })

  it('waits for those, too, whom a member remembers and the memory does not', async () => {
    const first = await beat({ member: 'a' })
    await replayed('a', first, { missing: ['c'] })
    expect(await replayed('b', first)).toMatchObject({ accepted: [], past: { stamp: 2 } })
    expect((await replayed('c', first)).accepted).toEqual(first.past?.epochs)
  })

  it('gives the memory before up when a member cannot replay all that it did', async () => {
    const first = await beat({ member: 'a' })
    expect(await replayed('a', first, { forgot: true })).toMatchObject({ accepted: [], past: undefined })
    expect(await replayed('b', first)).toMatchObject({ accepted: [], past: undefined })
  })

  it('gives it up when somebody has not replayed after ten seconds', async () => {
    const first = await beat({ member: 'a' })
    await both.elapse(QUARANTINE_MS - 1_000)
    expect((await replayed('a', first)).past).toBeDefined()
    await both.elapse(1_100)
    expect((await beat({ member: 'a' })).past).toBeUndefined()
    expect((await replayed('b', first)).accepted).toEqual([])
  })

  it('does not take a report of an epoch before for one of this', async () => {
    const first = await beat({ member: 'a' })
    await both.restart()
    const second = await beat({ member: 'a' })
    for (const member of ['a', 'b']) expect((await replayed(member, first)).accepted).toEqual([])
    expect(second.past).toMatchObject({ epochs: [first.epoch] })
  })

  it('ends the epoch that it is asked to end, once, and keeps nothing of it', async () => {
    const { epoch } = await beat({ member: 'a' })
    const ended = await beat({ member: 'b', ends: epoch })
    expect(ended).toMatchObject({ accepted: [], past: undefined })
    expect(ended.epoch).not.toBe(epoch)
    expect((await beat({ member: 'b', ends: epoch })).epoch).toBe(ended.epoch)
  })

  it('keeps nothing of an epoch that is to end, though the memory came back with it', async () => {
    const { epoch } = await beat({ member: 'a' })
    await both.restart()
    expect(await beat({ member: 'a', ends: epoch })).toMatchObject({ accepted: [], past: undefined })
  })

  it('forgets a member that has been silent for fifteen seconds, and not sooner', async () => {
    await both.elapse(FORGOTTEN_MS - 1_000)
    expect((await beat({ member: 'a' })).members).toEqual(['a', 'b'])
    await both.elapse(1_100)
    expect(await beat({ member: 'a' })).toMatchObject({ members: ['a'], oldestStamp: undefined })
  })
})
