import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemChance } from '../../src/base/chance.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { TierShard } from '../../src/store/tier-shard.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { redisShard } from '../support/redis-shard.ts'
import { ringTier } from '../support/ring-tier.ts'
import { ScriptedOrigin } from '../support/scripted-origin.ts'
import { until } from '../support/until.ts'
import { nearRung, productPolicy, textOf, useCases } from '../support/use-cases.ts'

const REPETITIONS = 1_000

/** An origin in which a load passes two gates: before it reads its row, and before it hands it over. */
class GatedOrigin extends ScriptedOrigin {
  readonly beforeSnapshot = new Map<string, Promise<void>>()
  readonly beforeAnswer = new Map<string, Promise<void>>()
  readonly reached = new Map<string, number>()

  override async load(request: Parameters<ScriptedOrigin['load']>[0]) {
    this.reached.set(request.key, (this.reached.get(request.key) ?? 0) + 1)
    await this.#pass(this.beforeSnapshot, request.key)
    const loaded = super.load(request)
    await this.#pass(this.beforeAnswer, request.key)
    return loaded
  }

  /** A gate holds up one load; the next goes through. */
  async #pass(gates: Map<string, Promise<void>>, key: string): Promise<void> {
    const gate = gates.get(key)
    gates.delete(key)
    await gate
  }
}

function gate() {
  let open!: () => void
  const shut = new Promise<void>((resolve) => {
    open = resolve
  })
  return { shut, open }
}

describe('an invalidation while a slow load is in flight, on real Redis', () => {
  let server: RedisServer
  const opened: TierShard[] = []

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    await Promise.all(opened.map((shard) => shard.close()))
    await server.stop()
  })

  /** A sidecar with its own connections to the shard. */
  async function sidecar(member: string, origin: GatedOrigin) {
    const near = nearRung(systemClock)
    const shard = redisShard(server.url, 1_000, { member, onChanged: (key) => near.changed(key) })
    const store = ringTier([shard])
    await store.start()
    opened.push(shard)
    const surroundings = {
      clock: systemClock,
      chance: systemChance,
      store,
      origin,
      policy: productPolicy(),
      waitMs: 20_000,
      near,
    }
    return { shard, ...useCases(surroundings) }
  }

  async function rig() {
    const origin = new GatedOrigin(systemClock)
    const [reader, writer] = await Promise.all([sidecar('reader', origin), sidecar('writer', origin)])
    return { origin, reader, writer }
  }

  /** A load that has read the old row and is held back there, while another sidecar invalidates the key. */
  async function overtaken({ origin, reader, writer }: Awaited<ReturnType<typeof rig>>, key: string) {
    const { shut, open } = gate()
    origin.rows.set(key, 'old')
    origin.beforeAnswer.set(key, shut)
    const load = reader.get(key)
    await until('the query', () => origin.asked.some((request) => request.key === key))
    origin.rows.set(key, 'new')
    await writer.invalidate(key)
    return { load, open }
  }

  /** Runs `once` so often, on keys of its own, some at a time. */
  async function repeat(name: string, once: (key: string) => Promise<void>): Promise<void> {
    for (let from = 0; from < REPETITIONS; from += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => once(`${name}-${from + index}`)))
    }
  }

  it('before the snapshot of the query, leaves only the new value readable', async () => {
    const { origin, reader, writer } = await rig()
    await repeat('before-snapshot', async (key) => {
      const { shut, open } = gate()
      origin.rows.set(key, 'old')
      origin.beforeSnapshot.set(key, shut)
      const load = reader.get(key)
      await until('the load', () => origin.reached.get(key) === 1)
      origin.rows.set(key, 'new')
      await writer.invalidate(key)
      open()
      await load
      expect(textOf(await reader.get(key))).toBe('new')
      expect(textOf(await writer.get(key, { maxStalenessMs: 0 }))).toBe('new')
    })
  })

  it('after the query but before the fill, never lets the old value be read afterwards', async () => {
    const sidecars = await rig()
    const { reader, writer } = sidecars
    let lost = 0
    await repeat('before-fill', async (key) => {
      const { load, open } = await overtaken(sidecars, key)
      open()
      // Begun before the invalidation, it may see what was then current.
      expect(textOf(await load)).toBe('old')
      expect(textOf(await reader.get(key))).toBe('new')
      expect(textOf(await writer.get(key))).toBe('new')
      lost = reader.leases.results.lost
    })
    expect(lost).toBe(REPETITIONS)
  })

  it('loses the fill also when the tombstone has expired by then', async () => {
    const sidecars = await rig()
    const { reader } = sidecars
    await repeat('expired-tombstone', async (key) => {
      const physicalKey = `test:product:v1::${key}`
      const { load, open } = await overtaken(sidecars, key)
      await server.client.pexpire(physicalKey, 1)
      await until('the end of the tombstone', async () => (await server.client.exists(physicalKey)) === 0)
      open()
      expect(textOf(await load)).toBe('old')
      expect((await reader.shard.read(physicalKey)).found).toBe(false)
      expect(textOf(await reader.get(key))).toBe('new')
    })
  })

  it('keeps a read with a bound of 0 that begins afterwards off the flight still under way', async () => {
    const sidecars = await rig()
    const { reader } = sidecars
    await repeat('strict-read', async (key) => {
      const { load, open } = await overtaken(sidecars, key)
      // The old flight has not landed: its gate is still shut.
      expect(textOf(await reader.get(key, { maxStalenessMs: 0 }))).toBe('new')
      open()
      await load
      expect(textOf(await reader.get(key, { maxStalenessMs: 0 }))).toBe('new')
    })
  })
})
