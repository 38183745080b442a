import { expect, it } from 'vitest'
import { ALL_RULES } from '../../src/base/rules.ts'
import { Evidence } from '../../src/store/evidence.ts'
import type { OpenLine } from '../../src/store/open-line.ts'
import { asEntry } from '../../src/store/record.ts'
import { heardAt } from './pulse-of.ts'
import { recordOf } from './record-of.ts'
import { scriptedLife } from './scripted-shard.ts'

const entry = asEntry(recordOf(), 0) as NonNullable<ReturnType<typeof asEntry>>

async function rig() {
  const { clock, life } = await scriptedLife()
  const evidence = new Evidence(ALL_RULES, clock, life)
  /** What an entry of that epoch is worth that is read now, on the tracked line or the plain one. */
  const found = (epoch: number, tracked = true) => {
    const open = life.line(tracked) as OpenLine
    const asked = { value: undefined, sentAt: clock.now(), serverUs: undefined, open, heard: open.heard }
    return evidence.found(asked, recordOf({ epoch }), entry)
  }
  const open = life.line(true) as OpenLine
  return { clock, life, evidence, open, found }
}

it('gives what was read on the tracked line its proof, and what was read on the plain one none', async () => {
  const { open, found, clock } = await rig()
  expect(found(open.epoch)).toEqual({ entry, sentAt: clock.now(), asOf: clock.now(), proof: open.proof })
  expect(found(open.epoch, false)?.proof).toBeUndefined()
})

it('gives what comes out of a quarantined memory no proof, and the moment up to which that is known', async () => {
  const { clock, open, found } = await rig()
  const { epoch } = open
  await clock.advance(50)
  open.hear(heardAt(clock.now(), { epoch: 2, past: { epochs: [epoch], last: epoch, stamp: 1 } }, 10))
  expect(found(epoch)).toMatchObject({ asOf: 10, proof: undefined })
  expect(found(99)).toBeUndefined()
})

it('counts a record that it cannot understand, and takes it for none', async () => {
  const { evidence } = await rig()
  expect([evidence.record('malformed'), evidence.record(undefined), evidence.malformed]).toEqual([
    undefined,
    undefined,
    1,
  ])
})

it('lets no version be made below one that it has read', async () => {
  const { life, evidence } = await rig()
  evidence.record(recordOf({ version: 2e15 }))
  evidence.record(recordOf({ version: 1 }))
  expect(life.floor).toBe(2e15)
})

it('takes the latest that the clock of the server may show for the time at which things expire', async () => {
  const { clock, evidence, open } = await rig()
  open.clock.observe(clock.now() - 30, clock.now(), 5_000_000)
  expect(evidence.serverNow(open)).toBe(5_030)
})
