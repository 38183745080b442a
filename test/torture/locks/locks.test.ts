import { beforeAll, describe, expect, it } from 'vitest'
import { program } from '../torture.ts'
import { violationsIn } from './fenced-resource.ts'
import { type TorturedLocks, tortureLocks } from './torture-locks.ts'

const SEED = 20_261_127
/** `npm run torture -- --scenario locks` has a minute. */
const FOR_MS = 12_000
const WITHIN_MS = 300_000

describe('a lock that eight processes want, while they, their sidecars and shards are frozen for longer than its ttl', () => {
  let tortured: TorturedLocks

  beforeAll(async () => {
    tortured = await tortureLocks({ seed: SEED, program: program(), forMs: FOR_MS })
  }, WITHIN_MS)

  it('never lets two holders write with one token, nor one with a smaller token after a larger, nor robs a holder', () => {
    expect(tortured.violations).toEqual([])
  })

  it('comes to each of them again and again', () => {
    expect(Math.min(...tortured.turns)).toBeGreaterThan(2)
  })

  it('was written under, and had holders whose time was over refused', () => {
    expect(tortured.writes).toBeGreaterThan(200)
    expect(tortured.counts.get('lost') ?? 0).toBeGreaterThan(0)
    expect(tortured.counts.get('refused') ?? 0).toBeGreaterThan(0)
    expect(tortured.freezes.get('contender') ?? 0).toBeGreaterThan(3)
  })
})

describe('what is looked for in the writes that were let through', () => {
  const write = (seq: number, token: string, holder: string) => ({ seq, token, holder })

  it('is a token with two holders', () => {
    expect(violationsIn([write(1, '7', 'a'), write(2, '7', 'a')])).toEqual([])
    expect(violationsIn([write(1, '7', 'a'), write(2, '7', 'b')])).toHaveLength(1)
  })

  it('is a smaller token after a larger one', () => {
    expect(violationsIn([write(1, '7', 'a'), write(2, '8', 'b')])).toEqual([])
    expect(violationsIn([write(1, '8', 'b'), write(2, '7', 'a')])).toHaveLength(1)
  })
})
