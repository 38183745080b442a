import { beforeEach, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { Preloads } from '../../src/cache/preloads.ts'
import type { WarmAsk, WarmCaller, Warming } from '../../src/cache/warming.ts'
import { warmedName } from '../../src/keyspace/physical-key.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { cacheRig } from '../support/cache-rig.ts'

type Run = Warming['run']

const preload = { from: 'query', keysPerSecond: 50, notWithinMs: 600_000 } as const
const DONE = {} as Awaited<ReturnType<Run>>
/** Longer than anybody waits before looking again. */
const LOOK_MS = 35_000

let asked: WarmAsk[]
let callers: WarmCaller[]
let run: (ask: WarmAsk) => ReturnType<Run>

beforeEach(() => {
  asked = []
  callers = []
  run = async () => DONE
})

async function fleet(changes: Partial<KeyspacePolicy> = {}) {
  const { clock, chance, store, loading, hear } = await cacheRig({ preload, ...changes })
  const warming = {
    run: (ask: WarmAsk, caller: WarmCaller) => {
      asked.push(ask)
      callers.push(caller)
      return run(ask)
    },
  }
  const sidecar = () => new Preloads('test', { ...{ clock, chance, store, warming }, ...loading, log: silentLog })
  return { clock, store, sidecar, hear }
}

it('warms as its policy says, and not again within the time that it names', async () => {
  const { clock, sidecar } = await fleet()
  sidecar().start()
  await clock.advance(100)
  expect(asked).toEqual([{ keyspace: 'product', tenant: '', source: { from: 'query' }, keysPerSecond: 50, after: '' }])
  sidecar().start()
  await clock.advance(LOOK_MS)
  expect(asked).toHaveLength(1)
  await clock.advance(preload.notWithinMs)
  sidecar().start()
  await clock.advance(100)
  expect(asked).toHaveLength(2)
})

it('is done again at the next version of the keyspace, of which nothing is cached', async () => {
  const { clock, sidecar, hear } = await fleet()
  sidecar().start()
  await clock.advance(100)
  hear(2, 2)
  sidecar().start()
  await clock.advance(100)
  expect(asked).toHaveLength(2)
})

it('warms each tenant that is listed, and what is hot of all at once', async () => {
  const { clock, sidecar } = await fleet({ tenants: ['acme', 'globex'] })
  sidecar().start()
  await clock.advance(100)
  expect(asked.map(({ tenant }) => tenant)).toEqual(['acme', 'globex'])
  asked = []
  const other = await fleet({ tenants: ['acme', 'globex'], preload: { ...preload, from: 'hot' } })
  other.sidecar().start()
  await other.clock.advance(100)
  expect(asked).toMatchObject([{ tenant: '', source: { from: 'hot' } }])
})

it('looks again while another sidecar is at it, and takes it up where that has died', async () => {
  const { clock, sidecar } = await fleet()
  run = () => Promise.reject(new RingsideError('ERRAND_UNDER_WAY', 'another is at it'))
  sidecar().start()
  await clock.advance(100)
  expect(asked).toHaveLength(1)
  await clock.advance(LOOK_MS)
  expect(asked.length).toBeGreaterThan(1)
  run = async () => DONE
  await clock.advance(LOOK_MS)
  const { length } = asked
  await clock.advance(10 * LOOK_MS)
  expect(asked).toHaveLength(length)
})

it('does not take the glance of another, who may die, for the mark of one that has done it', async () => {
  const { clock, store, sidecar } = await fleet()
  const name = warmedName('test', 'product', 1)
  expect(await store.home(name).lock(name, 1)).toBe(true)
  sidecar().start()
  await clock.advance(100)
  expect(asked).toHaveLength(1)
})

it('begins nothing more, and breaks off what it has begun, when its sidecar ends', async () => {
  const { clock, sidecar } = await fleet()
  run = () => Promise.reject(new RingsideError('ORIGIN_UNAVAILABLE', 'down'))
  const one = sidecar()
  one.start()
  await clock.advance(100)
  one.close()
  expect(callers[0]?.signal.aborted).toBe(true)
  await clock.advance(LOOK_MS)
  expect(asked).toHaveLength(1)
})

it('does nothing in a keyspace that does not ask for it', async () => {
  const { clock, sidecar } = await fleet({ preload: undefined })
  sidecar().start()
  await clock.advance(LOOK_MS)
  expect(asked).toEqual([])
})
