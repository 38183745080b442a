import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RigProcess, SentinelRig } from '../support/sentinel.ts'
import { until } from '../support/until.ts'
import { TorturedClient } from './client.ts'
import { allKeys } from './keys.ts'
import { HEARTBEAT_MS, KEYSPACES, tierConfig } from './keyspaces.ts'
import { ModelOrigin } from './model-origin.ts'
import { saveReports } from './reports.ts'
import { SeededChance } from './seeded-chance.ts'
import { SidecarProcess } from './sidecar-process.ts'
import { Witness } from './witness.ts'
import { Workload } from './workload.ts'

const SEED = 20_241_126
const SIDECARS = 3
const WARM_READS = 2_000
/** Longer than two heartbeats and two seconds, as the README asks. */
const DOWN_AFTER_MS = 2 * HEARTBEAT_MS + 2_500
const WITHIN_MS = 300_000

describe('a shard that Sentinels watch and three sidecars under load', () => {
  const witness = new Witness(KEYSPACES)
  const origin = new ModelOrigin(new SeededChance(SEED + 1))
  const directory = mkdtempSync(join(tmpdir(), 'ringside-failover-'))
  const sidecars: SidecarProcess[] = []
  let rig: SentinelRig
  let clients: TorturedClient[]
  let workload: Workload

  beforeAll(async () => {
    await origin.start()
    rig = await SentinelRig.start({ downAfterMs: DOWN_AFTER_MS })
    const nodes = [{ name: 'a', sentinel: { master: rig.master, nodes: rig.nodes } }]
    const config = tierConfig({ topology: 'ring', nodes }, origin.target, true, 'limits: { loopLag: 0s }')
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
    await rig.stop()
    await origin.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const where = () => (witness.violated === 0 ? '' : saveReports(witness, SEED))
  const someReads = async () => {
    const before = witness.reads
    await until('reads', () => witness.reads > before + WARM_READS, 60_000)
  }

  /** All is well: no sidecar has a complaint, and each answers every strictly read key, from the shard or the origin. */
  async function isWell(): Promise<boolean> {
    const reasons = await Promise.all(sidecars.map((sidecar) => sidecar.reasons().catch(() => ['no answer'])))
    if (reasons.some((some) => some.length > 0)) return false
    const requests = allKeys().map((key) => ({ keyspace: 'strict', key }))
    const answers = await Promise.all(clients.map((client) => client.batchGet(requests).catch(() => undefined)))
    return answers.every((answer) => answer?.results.every(({ response }) => response !== null))
  }

  it.each([
    ['killed', (primary: RigProcess) => primary.kill(), (primary: RigProcess) => primary.restart()],
    ['frozen', async (primary: RigProcess) => primary.freeze(), async (primary: RigProcess) => primary.thaw()],
  ] as const)(
    'break the freshness contract for no read when its primary is %s, another takes over, and the former one comes back',
    async (what, strike, mend) => {
      const acknowledged = witness.changes.get('acknowledged') ?? 0
      const former = await rig.primary()
      witness.faultBegan(what, `the primary at ${former.port}`)
      await strike(former)
      await rig.failedOver(former)
      await until('sidecars that are well', isWell, 60_000)
      await someReads()
      await mend(former)
      await rig.demoted(former)
      await someReads()
      witness.faultEnded(what, `the primary at ${former.port}`, true)
      await until('sidecars that are well', isWell, 60_000)
      expect(witness.violated, where()).toBe(0)
      expect(witness.changes.get('acknowledged')).toBeGreaterThan(acknowledged + 50)
      for (const source of ['near', 'replica', 'primary', 'origin'] as const)
        expect(witness.sources.get(source), source).toBeGreaterThan(0)
    },
    WITHIN_MS,
  )
})
