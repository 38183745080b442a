import { expect, it } from 'vitest'
import { isTrackingNearlyFull, UNKNOWN_FACTS } from '../../src/store/server-facts.ts'

const isNearlyFull = (trackedKeys: number | undefined, trackedKeysLimit: number | undefined) =>
  isTrackingNearlyFull({ ...UNKNOWN_FACTS, trackedKeys, trackedKeysLimit })

it('takes a tracking table for nearly full from nine tenths of its limit on', () => {
  expect([899, 900, 1_000, 1_001].map((keys) => isNearlyFull(keys, 1_000))).toEqual([false, true, true, true])
})

it('takes a tracking table without a limit for empty, and one whose keys are not told', () => {
  expect([isNearlyFull(1e9, undefined), isNearlyFull(undefined, 1_000)]).toEqual([false, false])
})
