import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES } from '../../src/near/create-near-cache.ts'
import { entryBytes } from '../../src/near/entry-cost.ts'
import type { NearCache, NearEntry } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'

const MAX_BYTES = 12_000
const NEGATIVE_SHARE = 0.2

const key = fc.integer({ min: 0, max: 19 }).map((product) => `product:${product}`)
const entry = fc.record({
  kind: fc.constantFrom('value' as const, 'value' as const, 'negative' as const),
  size: fc.oneof({ weight: 9, arbitrary: fc.nat(1_200) }, { weight: 1, arbitrary: fc.nat(14_000) }),
  version: fc.nat(4),
  asOf: fc.nat(3),
  livesForMs: fc.integer({ min: -2, max: 40 }),
})
const operation = fc.oneof(
  { weight: 30, arbitrary: fc.record({ name: fc.constant('put' as const), key, entry }) },
  { weight: 30, arbitrary: fc.record({ name: fc.constant('get' as const), key }) },
  { weight: 10, arbitrary: fc.record({ name: fc.constant('drop' as const), key }) },
  { weight: 5, arbitrary: fc.record({ name: fc.constant('pass' as const), ms: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('clear' as const) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never

/** What must be answered if anything is: a cache without a bound that applies the version rule and expiry. */
class Model {
  readonly #standing = new Map<string, NearEntry>()

  get(key: string, now: number): NearEntry | undefined {
    const entry = this.#standing.get(key)
    return entry !== undefined && entry.expiresAt >= now ? entry : undefined
  }

  put(key: string, entry: NearEntry, now: number): void {
    const standing = this.get(key, now)
    if (standing !== undefined) {
      const versioned = standing.version > 0 && entry.version > 0
      if (versioned && standing.version > entry.version) return
      if ((!versioned || standing.version === entry.version) && standing.asOf > entry.asOf) return
    }
    this.#standing.set(key, entry)
  }

  drop(key: string): void {
    this.#standing.delete(key)
  }

  clear(): void {
    this.#standing.clear()
  }

  keys(): readonly string[] {
    return [...this.#standing.keys()]
  }
}

function step(cache: NearCache, model: Model, operation: Operation, now: number): void {
  switch (operation.name) {
    case 'put': {
      const { kind, size, version, asOf, livesForMs } = operation.entry
      const value = kind === 'negative' ? '' : Buffer.alloc(size, version)
      const entry = nearEntry({ kind, value, version, asOf, expiresAt: now + livesForMs })
      // What was evicted no longer outranks a newcomer, so the model must not remember it either.
      if (cache.get(operation.key) === undefined) model.drop(operation.key)
      cache.put(operation.key, entry)
      model.put(operation.key, entry, now)
      return
    }
    case 'get': {
      const found = cache.get(operation.key)
      if (found !== undefined) expect({ ...found }).toEqual(model.get(operation.key, now))
      return
    }
    case 'drop':
      cache.drop(operation.key)
      model.drop(operation.key)
      return
    case 'clear':
      cache.clear()
      model.clear()
      return
    case 'pass':
  }
}

/** Everything that is answered adds up to what the statistics say, and keeps to both bounds. */
function audit(cache: NearCache, model: Model, now: number): void {
  let bytes = 0
  let negativeBytes = 0
  let entries = 0
  for (const key of model.keys()) {
    const found = cache.get(key)
    if (found === undefined) continue
    expect({ ...found }).toEqual(model.get(key, now))
    entries += 1
    bytes += entryBytes(key, found)
    if (found.kind === 'negative') negativeBytes += entryBytes(key, found)
  }
  expect(cache.stats()).toMatchObject({ bytes, entries })
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
  expect(negativeBytes).toBeLessThanOrEqual(MAX_BYTES * NEGATIVE_SHARE)
}

describe.each(NEAR_POLICIES)('any course of operations on a near cache that evicts by %s', (policy) => {
  it('never exceeds a bound and never answers anything but the last put of the largest version', async () => {
    const course = fc.array(operation, { minLength: 20, maxLength: 150, size: 'max' })
    await fc.assert(
      fc.asyncProperty(course, async (operations) => {
        const clock = new ManualClock()
        const cache = createNearCache({ maxBytes: MAX_BYTES, negativeShare: NEGATIVE_SHARE, policy }, clock)
        const model = new Model()
        for (const operation of operations) {
          if (operation.name === 'pass') await clock.advance(operation.ms)
          step(cache, model, operation, clock.now())
          expect(cache.stats().bytes).toBeLessThanOrEqual(MAX_BYTES)
        }
        audit(cache, model, clock.now())
      }),
      { numRuns: 150 },
    )
  })
})
