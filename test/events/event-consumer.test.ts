import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { SourceEvent } from '../../src/events/event.ts'
import { EventConsumer } from '../../src/events/event-consumer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { keyTemplate, ruleOf, rulesOf } from './given-rules.ts'
import { ScriptedSource } from './scripted-source.ts'

const CHANCE = { uniform: () => 0.5, bytes: (size: number) => Buffer.alloc(size) }

let clock: ManualClock
let source: ScriptedSource
let consumer: EventConsumer
/** Keys, in the order in which they were invalidated. */
let invalidated: string[]
/** Keyspaces that were outdated as a whole. */
let bumped: string[]
/** How many invalidations are to fail yet. */
let failing: number
/** Set: invalidations wait for it. */
let held: Promise<void> | undefined

beforeEach(() => {
  clock = new ManualClock()
  source = new ScriptedSource()
  invalidated = []
  bumped = []
  failing = 0
  held = undefined
  const rules = rulesOf(ruleOf({ on: 'Updated' }, keyTemplate('product', '{id}')))
  consumer = new EventConsumer({
    ...{ source, rules, clock, chance: CHANCE, log: silentLog },
    invalidate: async ({ keys, keyspaces }) => {
      await held
      if (failing > 0) {
        failing -= 1
        throw new RingsideError('SHARD_UNAVAILABLE', 'no answer')
      }
      invalidated.push(...keys.map(({ key }) => key))
      bumped.push(...keyspaces)
    },
  })
})

afterEach(() => consumer.close())

const updated = (id: string): SourceEvent => ({ kind: 'domain', type: 'Updated', fields: { id } })

async function begin(): Promise<void> {
  consumer.start()
  await clock.advance(0)
}

describe('the consumer of a source', () => {
  it('outdates all that events could be about when some may have been missed, and takes no other before that', async () => {
    source.missed = 'its position is gone'
    failing = 1
    source.bring(updated('1'))
    await begin()
    expect({ bumped, invalidated, gaps: consumer.stats().gaps }).toEqual({ bumped: [], invalidated: [], gaps: 1 })
    await clock.advance(1_000)
    expect({ bumped, invalidated }).toEqual({ bumped: ['product'], invalidated: ['1'] })
  })

  it('invalidates what events outdate and then lets the source forget them', async () => {
    await begin()
    source.bring(updated('1'), updated('2'))
    await clock.advance(0)
    expect(invalidated).toEqual(['1', '2'])
    expect(source.waiting).toBe(0)
    expect(consumer.stats()).toEqual({
      results: { applied: 2, ignored: 0, malformed: 0, failed: 0 },
      lagMs: 0,
      gaps: 0,
    })
  })

  it('keeps events at the source until everything is invalidated', async () => {
    let release: () => void = () => undefined
    held = new Promise((resolve) => {
      release = resolve
    })
    await begin()
    source.bring(updated('1'))
    await clock.advance(2_000)
    expect(source.waiting).toBe(1)
    expect(consumer.stats().lagMs).toBe(2_010)
    release()
    await clock.advance(0)
    expect(source.waiting).toBe(0)
  })

  it('tries again what could not be invalidated, ever less often, and skips nothing', async () => {
    failing = 3
    await begin()
    source.bring(updated('1'))
    await clock.advance(0)
    expect(source.waiting).toBe(1)
    await clock.advance(100 + 200 + 399)
    expect(invalidated).toEqual([])
    await clock.advance(1)
    expect(invalidated).toEqual(['1'])
    expect(consumer.stats().results).toEqual({ applied: 1, ignored: 0, malformed: 0, failed: 3 })
  })

  it('applies events again of which the source did not hear that they were', async () => {
    source.losesDone = true
    await begin()
    source.bring(updated('1'))
    await clock.advance(0)
    expect(consumer.state()).toEqual({ is: 'down', why: 'the connection was lost' })
    source.losesDone = false
    await clock.advance(200)
    expect(invalidated).toEqual(['1', '1'])
    expect(source.waiting).toBe(0)
    expect(consumer.stats().results.applied).toBe(1)
  })

  it('sets malformed events aside and lets nothing wait for them', async () => {
    await begin()
    source.bring(updated('1'), updated('no digits'), updated('2'), { kind: 'domain', type: 'Other', fields: {} })
    await clock.advance(0)
    expect(invalidated).toEqual(['1', '2'])
    expect(source.setAside).toEqual([{ event: updated('no digits'), why: expect.stringContaining('does not match') }])
    expect(consumer.stats().results).toEqual({ applied: 2, ignored: 1, malformed: 1, failed: 0 })
  })

  it('takes over within a second and a half when the one before it is gone', async () => {
    source.isTaken = true
    await begin()
    expect(consumer.state()).toEqual({ is: 'standby' })
    expect(consumer.stats().lagMs).toBeUndefined()
    source.bring(updated('1'))
    await clock.advance(10_000)
    expect(invalidated).toEqual([])
    source.isTaken = false
    await clock.advance(1_500)
    expect(invalidated).toEqual(['1'])
  })

  it('says why a source is down, and goes on trying', async () => {
    source.fault = 'it is gone'
    await begin()
    await clock.advance(60_000)
    expect(consumer.state()).toEqual({ is: 'down', why: 'it is gone' })
    source.fault = undefined
    source.bring(updated('1'))
    await clock.advance(7_500)
    expect(consumer.state()).toEqual({ is: 'active' })
    expect(invalidated).toEqual(['1'])
  })

  it('ends its session when it is closed, after what it has in hand', async () => {
    let release: () => void = () => undefined
    held = new Promise((resolve) => {
      release = resolve
    })
    await begin()
    source.bring(updated('1'))
    await clock.advance(0)
    const closed = consumer.close()
    await clock.advance(0)
    expect(source.sessions).toBe(1)
    release()
    await closed
    expect({ sessions: source.sessions, waiting: source.waiting, pending: clock.pending }).toEqual({
      sessions: 0,
      waiting: 0,
      pending: 0,
    })
  })

  it('gives what it cannot invalidate back when it is closed', async () => {
    failing = Number.POSITIVE_INFINITY
    await begin()
    source.bring(updated('1'))
    await clock.advance(0)
    await consumer.close()
    expect(source.waiting).toBe(1)
  })
})
