import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Fleet, type FleetSidecar, productKey } from '../support/fleet.ts'
import { Ledger } from '../support/ledger.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { ScriptedOrigin } from '../support/scripted-origin.ts'

const SIDECARS = 4
const KEYS = 100
const ROUNDS = 100
const HEARTBEAT_MS = 500
/** The smallest bound that a configuration may ask for. */
const BOUND_MS = 2 * HEARTBEAT_MS

let server: RedisServer
let fleet: Fleet
const origin = new ScriptedOrigin(systemClock)
const ledger = new Ledger()
/** Key → told of the change that its present round makes. */
const told = new Map<string, (sidecar: number) => void>()
let sidecars: readonly FleetSidecar[]

beforeAll(async () => {
  server = await startRedis()
  fleet = new Fleet(server.url, {
    origin,
    heartbeatMs: HEARTBEAT_MS,
    timeoutMs: 5_000,
    policy: { boundMs: BOUND_MS },
  })
  sidecars = await Promise.all(
    Array.from({ length: SIDECARS }, (_, index) =>
      fleet.join(`s${index}`, (key) => key !== undefined && told.get(key)?.(index)),
    ),
  )
})
afterAll(async () => {
  await fleet.close()
  await server.stop()
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function read(sidecar: FleetSidecar, key: string, boundMs: number): Promise<number> {
  const question = { key, begunAt: performance.now(), boundMs }
  return ledger.judge(question, await sidecar.get(key, { maxStalenessMs: boundMs }))
}

/** Reads until it gets the state, so that flights are under way at every moment in between. */
async function readUntil(sidecar: FleetSidecar, key: string, boundMs: number, state: number): Promise<void> {
  while ((await read(sidecar, key, boundMs)) < state) await turn()
}

/** Every sidecar holds the key near, and will hear of its changes. */
async function allHold(key: string): Promise<void> {
  for (const sidecar of sidecars) {
    while (sidecar.held(key)?.proof === undefined) {
      await read(sidecar, key, BOUND_MS)
      await turn()
    }
  }
}

/** One change while all hold the key and go on reading it; resolves with the ms from its acknowledgement to the last drop. */
async function round(key: string, state: number, writer: FleetSidecar): Promise<number> {
  await allHold(key)
  const hearing = new Set(sidecars.keys())
  let lastDropAt = 0
  const allTold = new Promise<void>((resolve) => {
    told.set(productKey(key), (sidecar) => {
      if (hearing.delete(sidecar)) lastDropAt = performance.now()
      if (hearing.size === 0) resolve()
    })
  })
  const readers = sidecars.flatMap((sidecar) => [
    readUntil(sidecar, key, 0, state),
    readUntil(sidecar, key, BOUND_MS, state),
  ])
  origin.rows.set(key, String(state))
  await writer.invalidate(key)
  ledger.acknowledge(key, state)
  const acknowledgedAt = performance.now()
  await Promise.all([...readers, ...sidecars.map((sidecar) => read(sidecar, key, 0)), allTold])
  return Math.max(0, lastDropAt - acknowledgedAt)
}

it('lets no near cache of four sidecars answer what another has invalidated, in 10,000 rounds', async () => {
  const keys = Array.from({ length: KEYS }, (_, index) => `k${index}`)
  for (const key of keys) origin.rows.set(key, '0')
  const drops: number[] = []
  for (let state = 1; state <= ROUNDS; state += 1) {
    const writer = (index: number) => sidecars[(index + state) % SIDECARS] as FleetSidecar
    drops.push(...(await Promise.all(keys.map((key, index) => round(key, state, writer(index))))))
  }
  drops.sort((a, b) => a - b)
  const at = (share: number) => (drops[Math.floor(share * (drops.length - 1))] as number).toFixed(1)
  console.info(
    `${drops.length} invalidations, ${ledger.answers} reads (${(100 * ledger.share('near')).toFixed(0)} % near): ` +
      `from the acknowledgement to the drop in the last of ${SIDECARS} near caches: median ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  )
  expect(ledger.violations).toEqual([])
  expect(drops).toHaveLength(KEYS * ROUNDS)
  expect(ledger.share('near')).toBeGreaterThan(0.1)
}, 180_000)
