import { describe } from 'vitest'
import { ClockedBreaker } from '../../src/guard/clocked-breaker.ts'
import { breakerContract } from './breaker-contract.ts'

describe('ClockedBreaker', () => {
  breakerContract(
    (options, parts) => new ClockedBreaker(options, parts),
    (clock, ms) => clock.advance(ms),
  )
})
