import { describe, expect, it } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { Keeping } from '../../src/cache/keeping.ts'
import { Prewarm } from '../../src/cache/prewarm.ts'
import { TagStamps } from '../../src/cache/tag-stamps.ts'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { cacheRig } from '../support/cache-rig.ts'
import { nearRung, productPolicy, useCases } from '../support/use-cases.ts'

const hot = (name: string) => ({
  key: name,
  readsPerSecond: 100,
  shardReadsPerSecond: 0,
  writesPerSecond: 0,
  share: 0,
  copies: 0,
  sinceMs: 0,
})
const keyOf = (number: number) => `test:product:v1::${number}`

/** A newcomer beside a sidecar that has read keys 0 up to `read`. */
async function rig(read: number) {
  const older = await cacheRig()
  for (let number = 0; number < read; number += 1) {
    older.origin.rows.set(String(number), `value ${number}`)
    await older.get(String(number))
  }
  const { clock, store, origin } = older
  const near = nearRung(clock)
  const policy = productPolicy()
  const newcomer = useCases({ clock, chance: older.chance, store, origin, policy, waitMs: 1_000, near })
  const keyspaces = new Keyspaces({ env: 'test', policies: [policy] })
  const stamps = new TagStamps({ store, near, clock, rules: ALL_RULES })
  const keeping = new Keeping(store, near, stamps, silentLog)
  const prewarm = (keys: readonly string[]) =>
    new Prewarm({ hotKeys: { fleet: async () => keys.map(hot) }, keyspaces, keeping, clock, log: silentLog })
  return { ...older, newcomer, prewarm, keeping, keyspaces }
}

describe('a newcomer', () => {
  it('has what the fleet reads most near before its first reader comes', async () => {
    const { clock, newcomer, prewarm, origin } = await rig(120)
    const run = prewarm(Array.from({ length: 120 }, (_, number) => keyOf(number))).run()
    await clock.advance(1_000)
    await run
    const asked = origin.asked.length
    for (const number of [0, 60, 119]) expect((await newcomer.get(String(number))).source).toBe('near')
    expect(origin.asked).toHaveLength(asked)
  })

  it('reads a limited number of keys at a time', async () => {
    const { clock, shard, prewarm } = await rig(120)
    const before = shard.stats().reads
    const run = prewarm(Array.from({ length: 120 }, (_, number) => keyOf(number))).run()
    await clock.advance(10)
    expect(shard.stats().reads - before).toBe(50)
    await clock.advance(50)
    expect(shard.stats().reads - before).toBe(100)
    await clock.advance(50)
    await run
    expect(shard.stats().reads - before).toBe(120)
  })

  it('loads nothing: what the shared tier has not is left to its readers', async () => {
    const { clock, prewarm, origin, newcomer } = await rig(1)
    origin.rows.set('7', 'seven')
    const asked = origin.asked.length
    const run = prewarm([keyOf(7), keyOf(0), 'test:gone:v1::1']).run()
    await clock.advance(100)
    await run
    expect(origin.asked).toHaveLength(asked)
    expect((await newcomer.get('0')).source).toBe('near')
    expect((await newcomer.get('7')).source).toBe('origin')
  })

  it('goes on without what a shard does not answer', async () => {
    const { clock, shard, prewarm, newcomer } = await rig(1)
    shard.down = true
    const run = prewarm([keyOf(0)]).run()
    await clock.advance(100)
    await run
    shard.down = false
    expect((await newcomer.get('0')).source).toBe('primary')
  })

  it('is ready after three seconds, whatever does not come', async () => {
    const { clock, keeping, keyspaces } = await rig(0)
    let isOver = false
    const hotKeys = { fleet: () => new Promise<never>(() => undefined) }
    const run = new Prewarm({ hotKeys, keyspaces, keeping, clock, log: silentLog }).run()
    void run.then(() => {
      isOver = true
    })
    await clock.advance(2_900)
    expect(isOver).toBe(false)
    await clock.advance(200)
    expect(isOver).toBe(true)
  })

  it('leaves alone what is not to be near', async () => {
    const { clock, shard, keeping } = await rig(1)
    const keyspaces = new Keyspaces({ env: 'test', policies: [productPolicy({ near: false })] })
    const before = shard.stats().reads
    const hotKeys = { fleet: async () => [hot(keyOf(0))] }
    const run = new Prewarm({ hotKeys, keyspaces, keeping, clock, log: silentLog }).run()
    await clock.advance(100)
    await run
    expect(shard.stats().reads).toBe(before)
  })
})
