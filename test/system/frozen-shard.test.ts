import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { RingsideError } from '../../src/base/errors.ts'
import type { Answer } from '../../src/cache/cache.ts'
import type { DegradedThen } from '../../src/keyspace/policy.ts'
import type { LoadRequest } from '../../src/origin/origin.ts'
import { Fleet, type FleetSidecar } from '../support/fleet.ts'
import { Ledger } from '../support/ledger.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { ScriptedOrigin } from '../support/scripted-origin.ts'
import { until } from '../support/until.ts'

const BOUND_MS = 600
const DEGRADED_MS = 1_500
const DOWN = new RingsideError('ORIGIN_UNAVAILABLE', 'down', { retryAfterMs: 1_000 })

/** An origin that knows when it was last asked. */
class NotedOrigin extends ScriptedOrigin {
  lastAskedAt = Number.NEGATIVE_INFINITY

  override load(request: LoadRequest) {
    const loading = super.load(request)
    this.lastAskedAt = performance.now()
    return loading
  }
}

let server: RedisServer
let origin: NotedOrigin
let fleet: Fleet
let sidecar: FleetSidecar
let ledger: Ledger
let frozenAt: number

beforeEach(async () => {
  server = await startRedis()
  origin = new NotedOrigin(systemClock)
  ledger = new Ledger()
  origin.rows.set('k', '1')
})
afterEach(async () => {
  server.thaw()
  await fleet.close()
  await server.stop()
})

/** A sidecar that holds the key near, proven current for a while beyond its read, when its shard freezes. */
async function freeze(degradedThen: DegradedThen): Promise<void> {
  const policy = { boundMs: BOUND_MS, degradedMs: DEGRADED_MS, degradedThen }
  fleet = new Fleet(server.url, { origin, policy, timeoutMs: 300 })
  sidecar = await fleet.join('s')
  await until('the key near', async () => {
    await sidecar.get('k')
    return sidecar.held('k')?.proof !== undefined
  })
  const readAt = sidecar.held('k')?.asOf ?? Number.NaN
  await until('a near answer beyond the age of its read', async () => {
    const answer = await sidecar.get('k')
    return answer.source === 'near' && answer.asOf > readAt + BOUND_MS
  })
  server.freeze()
  frozenAt = performance.now()
}

type Told = Answer | RingsideError

/** One read, judged; failures are answers too. */
async function ask(): Promise<Told> {
  const question = { key: 'k', begunAt: performance.now(), boundMs: BOUND_MS }
  const answer = await sidecar.get('k').catch((error: unknown) => RingsideError.from(error))
  if (answer instanceof RingsideError) return answer
  ledger.judge(question, answer)
  // Nobody but the origin can have said anything after that.
  expect(answer.asOf).toBeLessThanOrEqual(Math.max(frozenAt, origin.lastAskedAt))
  if (answer.degraded) expect(question.begunAt - answer.asOf).toBeLessThanOrEqual(DEGRADED_MS)
  return answer
}

/** Reads on until one is told what is waited for; returns what was told before. */
async function untilTold(what: string, is: (told: Told) => boolean): Promise<readonly Told[]> {
  const before: Told[] = []
  await until(what, async () => {
    const told = await ask()
    if (is(told)) return true
    before.push(told)
    return false
  })
  return before
}

const isFresh = (told: Told) => !(told instanceof RingsideError) && !told.degraded
const isDegraded = (told: Told) => !(told instanceof RingsideError) && told.degraded && told.source === 'near'
const isFromOrigin = (told: Told) => isFresh(told) && (told as Answer).source === 'origin'
const isFailure = (reason: string) => (told: Told) => told instanceof RingsideError && told.reason === reason

describe('near answers of a bounded keyspace whose shard is frozen stop being fresh at their bound', () => {
  afterEach(() => expect(ledger.violations).toEqual([]))

  it('then come from the origin, and stale only when that fails too, for as long as the keyspace allows', async () => {
    await freeze('origin')
    expect((await untilTold('an answer of the origin', isFromOrigin)).every(isFresh)).toBe(true)
    origin.failure = DOWN
    expect((await untilTold('a stale answer', isDegraded)).every(isFresh)).toBe(true)
    expect((await untilTold('a failure', isFailure('ORIGIN_UNAVAILABLE'))).every(isDegraded)).toBe(true)
  })

  it('then are stale, and from the origin when they have become too old', async () => {
    await freeze('stale')
    expect((await untilTold('a stale answer', isDegraded)).every(isFresh)).toBe(true)
    expect(origin.asks('fallback')).toBe(0)
    expect((await untilTold('an answer of the origin', isFromOrigin)).every(isDegraded)).toBe(true)
  })

  it('then fail', async () => {
    await freeze('fail')
    expect((await untilTold('a failure', isFailure('SHARD_UNAVAILABLE'))).every(isFresh)).toBe(true)
    expect(await ask()).toMatchObject({ reason: 'SHARD_UNAVAILABLE' })
    expect(origin.asks('fallback')).toBe(0)
  })

  it('are fresh again when it goes on', async () => {
    await freeze('stale')
    await untilTold('a stale answer', isDegraded)
    server.thaw()
    await until('an answer of the shard', async () => {
      const question = { key: 'k', begunAt: performance.now(), boundMs: BOUND_MS }
      const answer = await sidecar.get('k', { maxStalenessMs: 0 }).catch(() => undefined)
      if (answer !== undefined) ledger.judge(question, answer)
      return answer?.source === 'primary'
    })
    await until('near answers that rise', async () => {
      const answer = await sidecar.get('k')
      return answer.source === 'near' && answer.asOf > frozenAt + BOUND_MS
    })
  })
})
