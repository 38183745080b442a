import { describe, expect, it } from 'vitest'
import { ALL_RULES } from '../../src/base/rules.ts'
import type { Line } from '../../src/store/line.ts'
import { OpenLine } from '../../src/store/open-line.ts'
import type { Pulse } from '../../src/store/operations.ts'
import { heardAt } from './pulse-of.ts'
import { recordOf } from './record-of.ts'

const HEARTBEAT_MS = 1_000
const HEARD_AT = 10_000
const QUARANTINE_AS_OF = 8_000
const CURRENT = 5
const ACCEPTED = 4
const QUARANTINED = 3
const DROPPED = 2

const nobody: Line = {
  send: () => Promise.reject(new Error('nobody is there')),
  track: async () => undefined,
  pingChannel: async () => undefined,
  inspect: () => Promise.reject(new Error('nobody is there')),
  close: () => undefined,
}

const pulse: Partial<Pulse> = {
  epoch: CURRENT,
  accepted: [ACCEPTED],
  past: { epochs: [QUARANTINED], last: QUARANTINED, stamp: 3 },
}

/** A line whose last heartbeat tells of one epoch of each sort. */
function openLine(quarantineAsOf: number | undefined = QUARANTINE_AS_OF) {
  const heard = heardAt(HEARD_AT, pulse, quarantineAsOf)
  return { open: new OpenLine(nobody, heard, { rules: ALL_RULES, heartbeatMs: HEARTBEAT_MS }), heard }
}

const asOfEach = (vouchedAt: number, { open, heard } = openLine()) =>
  [CURRENT, ACCEPTED, QUARANTINED, DROPPED].map((epoch) => open.asOf(recordOf({ epoch }), vouchedAt, heard))

describe('an answer', () => {
  it('is vouched for since it was sent for, within two heartbeats of the last that was answered', () => {
    const { open, heard } = openLine()
    const lastMoment = HEARD_AT + 2 * HEARTBEAT_MS - 1
    expect(open.vouchedAt(lastMoment, heard)).toBe(lastMoment)
  })

  it('is vouched for since that heartbeat only, when two have passed', () => {
    const { open, heard } = openLine()
    expect(open.vouchedAt(HEARD_AT + 2 * HEARTBEAT_MS, heard)).toBe(HEARD_AT)
  })

  it('is judged by the heartbeat before it, not by one that was answered while it was under way', () => {
    const { open, heard } = openLine()
    open.hear(heardAt(HEARD_AT + 5_000, pulse))
    expect(open.vouchedAt(HEARD_AT + 3_000, heard)).toBe(HEARD_AT)
  })
})

describe('an entry', () => {
  it('of the present epoch is as current as the answer', () => {
    expect(asOfEach(10_500)[0]).toBe(10_500)
  })

  it('of an accepted epoch is as current as the heartbeat that said so', () => {
    expect(asOfEach(10_500)[1]).toBe(HEARD_AT)
  })

  it('of a quarantined epoch is as current as the last own heartbeat that its memory holds', () => {
    expect(asOfEach(10_500)[2]).toBe(QUARANTINE_AS_OF)
  })

  it('of an epoch that nothing tells of is a miss', () => {
    expect(asOfEach(10_500)[3]).toBeUndefined()
  })

  it('is never more current than the answer that brought it', () => {
    expect(asOfEach(7_000)).toEqual([7_000, 7_000, 7_000, undefined])
  })

  it('of a quarantined epoch is a miss where no own heartbeat is known to be in that memory', () => {
    const { open, heard } = openLine()
    open.hear(heardAt(HEARD_AT, pulse))
    expect(open.asOf(recordOf({ epoch: QUARANTINED }), 10_500, heard)).toBeUndefined()
  })

  it('is judged by the epoch that is known when the answer comes: what ended meanwhile is a miss', () => {
    const { open, heard } = openLine()
    open.hear(heardAt(11_000, { epoch: CURRENT + 1 }))
    expect(asOfEach(10_500, { open, heard })).toEqual([undefined, undefined, undefined, undefined])
  })

  it('of an epoch that was accepted meanwhile is as current as the heartbeat before the request', () => {
    const { open, heard } = openLine()
    open.hear(heardAt(11_000, { epoch: CURRENT, accepted: [ACCEPTED, QUARANTINED] }))
    expect(open.asOf(recordOf({ epoch: QUARANTINED }), 10_500, heard)).toBe(HEARD_AT)
  })

  it('may be raised by a proof unless it comes from a quarantined memory', () => {
    const { open } = openLine()
    const provable = [CURRENT, ACCEPTED, QUARANTINED, DROPPED].map((epoch) => open.isProvable(recordOf({ epoch })))
    expect(provable).toEqual([true, true, false, false])
  })
})

describe('the epochs of a line', () => {
  it('are all good enough for a reader who bears what the quarantined one is as of', () => {
    expect(openLine().open.epochsFor(QUARANTINE_AS_OF)).toEqual([CURRENT, ACCEPTED, QUARANTINED])
  })

  it('are good without the quarantined one for a reader who wants something newer', () => {
    expect(openLine().open.epochsFor(QUARANTINE_AS_OF + 1)).toEqual([CURRENT, ACCEPTED])
    expect(openLine().open.epochsFor(HEARD_AT)).toEqual([CURRENT, ACCEPTED])
  })

  it('leave the present one alone for a reader who wants something newer than the last heartbeat', () => {
    expect(openLine().open.epochsFor(HEARD_AT + 1)).toEqual([CURRENT])
  })

  it('leave out a quarantined one of which nothing own is known, however much the reader bears', () => {
    const { open } = openLine()
    open.hear(heardAt(HEARD_AT, pulse))
    expect(open.epochsFor(Number.NEGATIVE_INFINITY)).toEqual([CURRENT, ACCEPTED])
  })

  it('are sound, unless quarantined: only those may be compared with by version', () => {
    expect(openLine().open.soundEpochs).toEqual([CURRENT, ACCEPTED])
  })
})

describe('the proof of a line', () => {
  it('stays the same from heartbeat to heartbeat', () => {
    const { open } = openLine()
    const { proof } = open
    open.hear(heardAt(11_000, { ...pulse, accepted: [ACCEPTED, QUARANTINED] }))
    expect([open.proof, proof.lost]).toEqual([proof, false])
  })

  it('is lost with its epoch, and another begins', () => {
    const { open } = openLine()
    const { proof } = open
    proof.raise(9_000)
    open.hear(heardAt(11_000, { epoch: CURRENT + 1 }))
    expect(proof.lost).toBe(true)
    expect([open.proof.lost, open.proof.provenAt]).toEqual([false, Number.NEGATIVE_INFINITY])
  })
})
