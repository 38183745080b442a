import { beforeAll, describe, expect, it } from 'vitest'
import { FAULTS } from './fault-lane.ts'
import { saveReports } from './reports.ts'
import { eachOnce, type Tortured, torture } from './torture.ts'

const SEED = 20_240_229
const LONGEST_MS = 1_500
/** It takes half a minute, more on a busy machine, and more still until it is clear that all is not well again. */
const WITHIN_MS = 300_000

describe('three shards and four sidecars under load, with each fault once', () => {
  let tortured: Tortured

  beforeAll(async () => {
    tortured = await torture({ seed: SEED, longestMs: LONGEST_MS, readReplicas: true, plan: eachOnce(FAULTS) })
  }, WITHIN_MS)

  it('break the freshness contract for no read', () => {
    const { witness } = tortured
    const where = witness.violated === 0 ? '' : saveReports(witness, SEED)
    expect(witness.violated, where).toBe(0)
  })

  it('are all well again afterwards, without help', () => {
    expect(tortured.recovery).toEqual({ afterMs: expect.any(Number) })
  })

  it('saw every fault', () => {
    expect(FAULTS.map(({ name }) => name).filter((name) => !tortured.witness.faults.has(name))).toEqual([])
  })

  it('answered from every rung, and often from the near cache', () => {
    const { sources, nearShare } = tortured.witness
    for (const source of ['near', 'replica', 'primary', 'origin'] as const)
      expect(sources.get(source), source).toBeGreaterThan(100)
    expect(nearShare).toBeGreaterThan(0.1)
  })

  it('acknowledged changes all the while', () => {
    expect(tortured.witness.changes.get('acknowledged')).toBeGreaterThan(500)
  })
})
