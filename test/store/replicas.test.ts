import { describe, expect, it } from 'vitest'
import { ALL_RULES } from '../../src/base/rules.ts'
import { OpenLine } from '../../src/store/open-line.ts'
import type { Pulse } from '../../src/store/operations.ts'
import type { Replica } from '../../src/store/replica.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { heardAt } from './pulse-of.ts'
import { recordOf } from './record-of.ts'
import { EPOCH, HEARTBEAT_MS, replicaRig } from './replica-rig.ts'
import type { ScriptedReplica } from './scripted-replica.ts'
import { ScriptedServer } from './scripted-server.ts'

const NO_LIMIT = Number.POSITIVE_INFINITY
const ANY_AGE = Number.NEGATIVE_INFINITY
const never = new Promise<void>(() => undefined)

describe('the choice of a replica', () => {
  /** Three that have replicated up to 100, 200 and 300 ms. */
  async function three() {
    const { clock, unstarted, together } = replicaRig()
    const made = [unstarted(11, 'r1'), unstarted(12, 'r2'), unstarted(13, 'r3')] as const
    const replicas = await together(...made)
    const load = (requests: readonly number[]) => {
      for (const [index, { server, replica }] of made.entries()) {
        server.waitsFor = never
        for (let one = 0; one < (requests[index] ?? 0); one += 1) void replica.read('k')
      }
    }
    return { clock, replicas, made, load }
  }

  it('falls on the one with the least to do', async () => {
    const { replicas, load } = await three()
    load([2, 1, 3])
    expect(replicas.choose(ANY_AGE, NO_LIMIT)?.name).toBe('r2')
  })

  it('goes round among those with equally much to do', async () => {
    const { replicas } = await three()
    const chosen = Array.from({ length: 6 }, () => replicas.choose(ANY_AGE, NO_LIMIT)?.name)
    expect(chosen.toSorted()).toEqual(['r1', 'r1', 'r2', 'r2', 'r3', 'r3'])
  })

  it('passes over those that have not come as far as the reader wants', async () => {
    const { replicas, load } = await three()
    load([0, 1, 2])
    expect(replicas.choose(101, NO_LIMIT)?.name).toBe('r2')
    expect(replicas.choose(200, NO_LIMIT)?.name).toBe('r2')
    expect(replicas.choose(201, NO_LIMIT)?.name).toBe('r3')
    expect(replicas.choose(301, NO_LIMIT)).toBeUndefined()
  })

  it('falls on none where all have more to do than the primary', async () => {
    const { replicas, load } = await three()
    load([2, 2, 2])
    expect(replicas.choose(ANY_AGE, 1)).toBeUndefined()
    expect(replicas.choose(ANY_AGE, 2)).toBeDefined()
  })

  it('passes over those of which it is not known how far they have come', async () => {
    const { clock, replicas, made } = await three()
    for (const { server } of made.slice(1)) server.answer = { life: undefined, record: undefined }
    await clock.advance(HEARTBEAT_MS)
    expect(replicas.choose(0, NO_LIMIT)?.name).toBe('r1')
    expect(replicas.lags(1_000)).toEqual([
      { name: 'r1', lagMs: 900 },
      { name: 'r2', lagMs: undefined },
      { name: 'r3', lagMs: undefined },
    ])
  })
})

describe('a list of replicas that changes', () => {
  const named = ({ server, replica }: { server: ScriptedReplica; replica: Replica }) => ({ name: replica.name, server })

  it('keeps those that stay, starts those that are new, and leaves those that are gone', async () => {
    const { clock, unstarted, together } = replicaRig()
    const [first, second, third] = [unstarted(11, '1'), unstarted(12, '2'), unstarted(13, '3')] as const
    const replicas = await together(first, second, third)
    await replicas.become([named(first), named(third)])
    expect(replicas.lags(1_000).map(({ name }) => name)).toEqual(['1', '3'])
    expect([first.server.open, second.server.open, third.server.open]).toEqual([1, 0, 1])
    expect([first.server.dialled, third.server.dialled]).toEqual([1, 1])
    await clock.advance(HEARTBEAT_MS)
    expect([first.server.asked, second.server.asked]).toEqual([2, 1])
    expect(second.server.isClosed).toBe(true)
    expect(replicas.choose(201, NO_LIMIT)?.name).toBe('3')
  })

  it('leaves a replica that is out of reach, too', async () => {
    const { clock, unstarted, together } = replicaRig()
    const gone = unstarted(11, '1')
    gone.server.isDown = true
    const replicas = await together(gone)
    await replicas.become([])
    expect(clock.pending).toBe(0)
    expect([replicas.choose(ANY_AGE, NO_LIMIT), replicas.lags(0)]).toEqual([undefined, []])
  })
})

describe('the answer of a replica', () => {
  /** One that has replicated up to 200 ms, asked at 1,000 ms of the server's clock. */
  async function one(pulse: Partial<Pulse> = { epoch: EPOCH }) {
    const { unstarted, together } = replicaRig()
    const { server, replica } = unstarted(12)
    const line = await new ScriptedServer(new ManualClock()).dial(() => undefined)
    const known = new OpenLine(line, heardAt(400, pulse), { rules: ALL_RULES, heartbeatMs: HEARTBEAT_MS })
    const replicas = await together({ server, replica })
    const read = (notBefore = ANY_AGE) =>
      replicas.read(replica, 'k', notBefore, known, () => 1_000).then((one) => one?.found)
    return { server, known, read }
  }

  async function believed(pulse?: Partial<Pulse>) {
    const made = await one(pulse)
    made.known.clock.observe(0, 0, 0)
    return made
  }

  it('is as current as the own heartbeat that it has replicated, and proven by nothing', async () => {
    const { read } = await believed()
    expect(await read()).toMatchObject({ entry: { version: 7, ttlMs: 59_000 }, asOf: 200, proof: undefined })
  })

  it('is none for a reader who wants something newer', async () => {
    const { read } = await believed()
    expect([(await read(200))?.asOf, await read(201)]).toEqual([200, undefined])
  })

  it('is not believed in another epoch than that of the primary', async () => {
    const { read } = await believed({ epoch: 2, accepted: [EPOCH] })
    expect(await read()).toBeUndefined()
  })

  it('is none where the entry is of an epoch that has ended', async () => {
    const { server, read } = await believed()
    server.answer = { ...server.answer, record: recordOf({ epoch: 9 }) }
    expect(await read()).toBeUndefined()
  })

  it('takes entries of an accepted epoch', async () => {
    const { server, read } = await believed({ epoch: EPOCH, accepted: [9] })
    server.answer = { ...server.answer, record: recordOf({ epoch: 9 }) }
    expect((await read())?.asOf).toBe(200)
  })

  it('takes none of an epoch that was accepted only after what the replica has replicated', async () => {
    const { server, known, read } = await believed({ epoch: EPOCH, stamp: 12 })
    server.answer = { ...server.answer, record: recordOf({ epoch: 9 }) }
    known.hear(heardAt(500, { epoch: EPOCH, stamp: 13, accepted: [9] }))
    known.hear(heardAt(600, { epoch: EPOCH, stamp: 14, accepted: [9] }))
    // What others replayed before the epoch was accepted may be missing there.
    expect(await read()).toBeUndefined()
    server.answer = { ...server.answer, life: { epoch: EPOCH, stamp: 13 } }
    expect((await read())?.asOf).toBe(300)
  })

  it('is none where nothing is found, or only what has expired, fallen or cannot be understood', async () => {
    const { server, read } = await believed()
    const records = [undefined, 'malformed', recordOf({ kind: 'tombstone' }), recordOf({ hardAtMs: 1_000 })] as const
    for (const record of records) {
      server.answer = { ...server.answer, record }
      expect(await read()).toBeUndefined()
    }
  })

  it('is none while the time of the server is not known, by which things expire', async () => {
    const { read } = await one()
    expect(await read()).toBeUndefined()
  })
})
