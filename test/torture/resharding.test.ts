import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySlot } from '../../src/store/cluster/key-slot.ts'
import { type ClusterNode, RedisCluster } from '../support/redis-cluster.ts'
import { until } from '../support/until.ts'
import { TorturedClient } from './client.ts'
import { allKeys } from './keys.ts'
import { KEYSPACES, tierConfig } from './keyspaces.ts'
import { ModelOrigin } from './model-origin.ts'
import { saveReports } from './reports.ts'
import { SeededChance } from './seeded-chance.ts'
import { SidecarProcess } from './sidecar-process.ts'
import { sum, Witness } from './witness.ts'
import { Workload } from './workload.ts'

const SEED = 20_240_301
const SIDECARS = 3
const WARM_READS = 2_000
/** So many reads are answered between two steps of a move. */
const READS_BETWEEN = 15
/** As the product promises it for a failover that is found and carried out by others. */
const FOLLOWED_WITHIN_MS = 15_000
const WITHIN_MS = 240_000

const SLOTS_IN_USE = [
  ...new Set(KEYSPACES.flatMap(({ name }) => allKeys().map((key) => keySlot(`torture:${name}:v1::${key}`)))),
]

describe('a Redis Cluster and three sidecars under load', () => {
  const chance = new SeededChance(SEED)
  const witness = new Witness(KEYSPACES)
  const origin = new ModelOrigin(new SeededChance(SEED + 1))
  const directory = mkdtempSync(join(tmpdir(), 'ringside-resharding-'))
  const sidecars: SidecarProcess[] = []
  let cluster: RedisCluster
  let clients: TorturedClient[]
  let workload: Workload
  let failuresWhileMoving = 0

  beforeAll(async () => {
    await origin.start()
    cluster = await RedisCluster.start({ masters: 3, replicasEach: 1, empty: 1 })
    const config = tierConfig({ topology: 'cluster', seeds: cluster.seeds }, origin.target)
    for (let index = 0; index < SIDECARS; index += 1) {
      const name = `sidecar-${index}`
      const program = resolve('dist/main.js')
      sidecars.push(await SidecarProcess.start({ name, program, directory: join(directory, name), config }))
    }
    clients = sidecars.map((sidecar) => new TorturedClient(sidecar))
    workload = await Workload.start({ clients, origin, witness, chance: new SeededChance(SEED + 2) })
    await until('a warm cache', () => witness.reads > WARM_READS, 60_000)
  }, WITHIN_MS)
  afterAll(async () => {
    await workload.stop()
    for (const client of clients) client.close()
    await Promise.all(sidecars.map((sidecar) => sidecar.kill()))
    await cluster.stop()
    await origin.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const where = () => (witness.violated === 0 ? '' : saveReports(witness, SEED))
  const someReads = async () => {
    const before = witness.reads
    await until('reads', () => witness.reads > before + READS_BETWEEN, 60_000)
  }

  async function move(slot: number, from: ClusterNode, to: ClusterNode): Promise<void> {
    await cluster.beginMove(slot, from, to)
    await someReads()
    await cluster.moveKeys(slot, from, to)
    await someReads()
    await cluster.endMove(slot, from, to)
  }

  it(
    'break the freshness contract for no read while slots move one by one, away and back, and fail hardly any call',
    async () => {
      const owners = new Map<number, ClusterNode>()
      for (const master of cluster.masters) for (const slot of await cluster.slotsOf(master)) owners.set(slot, master)
      const before = sum(witness.failures)
      witness.faultBegan('resharding', 'all masters')
      for (const slot of [...SLOTS_IN_USE, ...SLOTS_IN_USE.slice(0, 30)]) {
        const from = owners.get(slot) as ClusterNode
        const to = chance.pick(cluster.masters.filter((master) => master !== from))
        await move(slot, from, to)
        owners.set(slot, to)
      }
      witness.faultEnded('resharding', 'all masters', true)
      failuresWhileMoving = sum(witness.failures) - before
      expect(witness.violated, where()).toBe(0)
      expect(failuresWhileMoving / witness.reads, [...witness.failures].join(' ')).toBeLessThan(0.01)
      expect(witness.changes.get('acknowledged')).toBeGreaterThan(200)
    },
    WITHIN_MS,
  )

  it(
    'are well again within 15 s after a master was killed, and break it for no read then',
    async () => {
      witness.faultBegan('kill', 'the first master')
      await cluster.masters[0]?.kill()
      await until(
        'a successor for everybody',
        async () => {
          const reasons = await Promise.all(sidecars.map((sidecar) => sidecar.reasons().catch(() => ['no answer'])))
          return reasons.every((some) => some.length === 0) && (await isAnswered())
        },
        FOLLOWED_WITHIN_MS,
      )
      witness.faultEnded('kill', 'the first master', true)
      const reads = witness.reads
      await until('reads after it', () => witness.reads > reads + WARM_READS, 60_000)
      expect(witness.violated, where()).toBe(0)
    },
    WITHIN_MS,
  )

  async function isAnswered(): Promise<boolean> {
    const requests = allKeys().map((key) => ({ keyspace: 'strict', key }))
    const answers = await Promise.all(clients.map((client) => client.batchGet(requests).catch(() => undefined)))
    return answers.every((answer) =>
      answer?.results.every(
        ({ response }) => response?.source === 'SOURCE_PRIMARY' || response?.source === 'SOURCE_ORIGIN',
      ),
    )
  }
})
