import { beforeAll, describe, expect, it } from 'vitest'
import { tortureHotKey } from './hot-key.ts'
import { saveReports } from './reports.ts'
import { program } from './torture.ts'
import type { Witness } from './witness.ts'

const SEED = 20_261_126
/** `npm run torture -- --scenario hot-key` has 10,000. */
const INVALIDATIONS = 250
const WITHIN_MS = 300_000

describe('a hot key with copies on five shards, invalidated all the while, with a shard of a copy frozen now and then', () => {
  let witness: Witness

  beforeAll(async () => {
    witness = await tortureHotKey({ seed: SEED, program: program(), invalidations: INVALIDATIONS })
  }, WITHIN_MS)

  it('is never answered older than the bound, nor below the version that a reader names', () => {
    const where = witness.violated === 0 ? '' : saveReports(witness, SEED)
    expect(witness.violated, where).toBe(0)
  })

  it('is answered by copies, often, between changes', () => {
    expect(witness.sources.get('copy')).toBeGreaterThan(1_000)
  })

  it('has no read that fails because a shard of a copy does', () => {
    expect(witness.failures.get('UNAVAILABLE') ?? 0).toBeLessThan(0.001 * witness.reads)
  })

  it('was changed, and its copies frozen, as often as was asked for', () => {
    expect(witness.changes.get('acknowledged')).toBeGreaterThan(0.95 * INVALIDATIONS)
    expect(witness.faults.get('copy-freeze')).toBeGreaterThan(3)
  })
})
