import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { TorturedClient } from './client.ts'
import { KEYSPACES, tierConfig } from './keyspaces.ts'
import { ModelOrigin } from './model-origin.ts'
import { saveReports } from './reports.ts'
import { SeededChance } from './seeded-chance.ts'
import { SidecarProcess } from './sidecar-process.ts'
import { sum, Witness } from './witness.ts'
import { Workload } from './workload.ts'

const SEED = 20_261_126
const SIDECARS = 3
const WARM_READS = 2_000
/** Reads between two sidecars' getting the same list. */
const READS_BETWEEN = 400
const WITHIN_MS = 240_000

type NodeStates = Readonly<Record<string, 'active' | 'joining' | 'leaving'>>

describe('a ring and three sidecars under load', () => {
  const witness = new Witness(KEYSPACES)
  const origin = new ModelOrigin(new SeededChance(SEED + 1))
  const directory = mkdtempSync(join(tmpdir(), 'ringside-ring-change-'))
  const servers = new Map<string, RedisServer>()
  const sidecars: SidecarProcess[] = []
  let clients: TorturedClient[]
  let workload: Workload

  const configOf = (states: NodeStates) => {
    const nodes = Object.entries(states).map(([name, state]) => ({ name, state, primary: servers.get(name)?.url }))
    return tierConfig({ topology: 'ring', nodes }, origin.target)
  }
  const someReads = async (count = READS_BETWEEN) => {
    const before = witness.reads
    await until('reads', () => witness.reads > before + count, 60_000)
  }
  const where = () => (witness.violated === 0 ? '' : saveReports(witness, SEED))
  const isSettled = async () => {
    const figures = await Promise.all(
      sidecars.map(async (one) => [
        await one.metric('ringside_rings_differ_seconds').catch(() => Number.NaN),
        await one.metric('ringside_ring_moved_ratio').catch(() => Number.NaN),
      ]),
    )
    return figures.every(([differ, moved]) => differ === 0 && moved === 1)
  }
  /** Every sidecar gets the list, one long after the other. */
  const spread = async (states: NodeStates, between: (index: number) => Promise<void> = async () => undefined) => {
    for (const [index, sidecar] of sidecars.entries()) {
      sidecar.configure(configOf(states))
      await someReads()
      await between(index)
    }
    await until('one ring for all', isSettled, 90_000)
    await someReads()
  }

  beforeAll(async () => {
    await origin.start()
    for (const name of ['a', 'b', 'c', 'd']) servers.set(name, await startRedis())
    const program = resolve('dist/main.js')
    const config = configOf({ a: 'active', b: 'active', c: 'active' })
    for (let index = 0; index < SIDECARS; index += 1) {
      const name = `sidecar-${index}`
      sidecars.push(await SidecarProcess.start({ name, program, directory: join(directory, name), config }))
    }
    clients = sidecars.map((sidecar) => new TorturedClient(sidecar))
    workload = await Workload.start({ clients, origin, witness, chance: new SeededChance(SEED + 2) })
    await someReads(WARM_READS)
  }, WITHIN_MS)
  afterAll(async () => {
    await workload.stop()
    for (const client of clients) client.close()
    await Promise.all(sidecars.map((sidecar) => sidecar.kill()))
    for (const server of servers.values()) await server.stop()
    await origin.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it(
    'break the freshness contract for no read while a node joins, though files come late and an old one comes back',
    async () => {
      witness.faultBegan('joining', 'd')
      const before = sum(witness.failures)
      await spread({ a: 'active', b: 'active', c: 'active', d: 'joining' }, async (index) => {
        // The last one dies before it gets the list, and comes up with the old one.
        if (index === SIDECARS - 2) await sidecars.at(-1)?.restart()
      })
      await spread({ a: 'active', b: 'active', c: 'active', d: 'active' })
      witness.faultEnded('joining', 'd', true)
      expect(witness.violated, where()).toBe(0)
      expect(Number(await servers.get('d')?.client.dbsize())).toBeGreaterThan(10)
      expect((sum(witness.failures) - before) / witness.reads, [...witness.failures].join(' ')).toBeLessThan(0.1)
    },
    WITHIN_MS,
  )

  it(
    'break it for no read while a node leaves and its server is stopped, and miss it by hardly any call',
    async () => {
      witness.faultBegan('leaving', 'a')
      await spread({ a: 'leaving', b: 'active', c: 'active', d: 'active' })
      await spread({ b: 'active', c: 'active', d: 'active' })
      await servers.get('a')?.kill()
      const [before, reads] = [sum(witness.failures), witness.reads]
      await someReads(WARM_READS)
      witness.faultEnded('leaving', 'a', true)
      expect(witness.violated, where()).toBe(0)
      const failed = sum(witness.failures) - before
      expect(failed / (witness.reads - reads), [...witness.failures].join(' ')).toBeLessThan(0.01)
    },
    WITHIN_MS,
  )
})
