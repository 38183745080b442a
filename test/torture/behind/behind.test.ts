import { beforeAll, describe, expect, it } from 'vitest'
import { program } from '../torture.ts'
import { type BehindResult, tortureBehind } from './torture-behind.ts'

const SEED = 20_261_127
/** `npm run torture -- --scenario behind` has 100,000 and 1,000,000. */
const AMOUNTS = { writes: 6_000, additions: 40_000 }
const WITHIN_MS = 300_000

describe('what a database hears later, through four sidecars of which one after the other is killed', () => {
  let result: BehindResult

  beforeAll(async () => {
    result = await tortureBehind({ seed: SEED, program: program(), kills: 3, ...AMOUNTS })
  }, WITHIN_MS)

  it('arrives: the newest of each value, every addition once, and nothing older over what is newer', () => {
    expect(result.wrong).toStrictEqual([])
  })

  it('was as much as was asked for, with sidecars killed and the database restarted twice meanwhile', () => {
    expect(result).toMatchObject({ ...AMOUNTS, restarts: 2 })
    expect(result.kills).toBeGreaterThan(0)
  })
})
