import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNearCache, NEAR_POLICIES } from '../../src/near/create-near-cache.ts'
import type { NearCache, NearEntry } from '../../src/near/near-cache.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nearEntry } from './near-entry.ts'
import { NearModel } from './near-model.ts'

/** The largest block is of 512 bytes then, so that entries take many, split them and leave them behind. */
const MAX_BYTES = 12_000
const NEGATIVE_SHARE = 0.2
const MAX_SHARES = [0.25, 1]
const PROOFS = 3

const key = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 19 }).map((product) => `product:${product}`) },
  { weight: 1, arbitrary: fc.constantFrom('', 'größe', 'цена', `long:${'x'.repeat(400)}`, `breit:${'ж'.repeat(150)}`) },
)
const entry = fc.record({
  kind: fc.constantFrom('value' as const, 'value' as const, 'negative' as const),
  size: fc.oneof(
    { weight: 3, arbitrary: fc.nat(60) },
    { weight: 6, arbitrary: fc.nat(1_200) },
    { weight: 1, arbitrary: fc.nat(14_000) },
  ),
  version: fc.nat(4),
  asOf: fc.nat(3),
  livesForMs: fc.integer({ min: -2, max: 40 }),
  proof: fc.option(fc.nat(PROOFS - 1), { nil: undefined }),
  group: fc.option(fc.nat(2), { nil: undefined }),
})
const provenAt = fc.constantFrom(0, 1, 2, 5, Number.NEGATIVE_INFINITY)
const operation = fc.oneof(
  { weight: 30, arbitrary: fc.record({ name: fc.constant('put' as const), key, entry }) },
  { weight: 20, arbitrary: fc.record({ name: fc.constant('get' as const), key }) },
  { weight: 10, arbitrary: fc.record({ name: fc.constant('peek' as const), key }) },
  { weight: 10, arbitrary: fc.record({ name: fc.constant('drop' as const), key }) },
  { weight: 5, arbitrary: fc.record({ name: fc.constant('prove' as const), proof: fc.nat(PROOFS - 1), provenAt }) },
  { weight: 5, arbitrary: fc.record({ name: fc.constant('pass' as const), ms: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('clear' as const) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never

/** A near cache beside a model of it, and all that was answered, with its text at that moment. */
class Course {
  readonly #cache: NearCache
  readonly #clock: ManualClock
  readonly #model = new NearModel()
  readonly #proofs = Array.from({ length: PROOFS }, () => ({ provenAt: 0 }))
  readonly #answered: { readonly value: Buffer; readonly text: string }[] = []
  #puts = 0

  constructor(cache: NearCache, clock: ManualClock) {
    this.#cache = cache
    this.#clock = clock
  }

  async run(operation: Operation): Promise<void> {
    switch (operation.name) {
      case 'put':
        this.#put(operation.key, this.#entryOf(operation.entry))
        break
      case 'get':
      case 'peek':
        this.#compare(operation.key, this.#cache[operation.name](operation.key))
        break
      case 'drop':
        this.#cache.drop(operation.key)
        this.#model.drop(operation.key)
        break
      case 'prove':
        this.#proofs[operation.proof]!.provenAt = operation.provenAt
        break
      case 'clear':
        this.#cache.clear()
        this.#model.clear()
        break
      case 'pass':
        await this.#clock.advance(operation.ms)
    }
    expect(this.#cache.stats().bytes).toBeLessThanOrEqual(MAX_BYTES)
  }

  /** What is answered is what the statistics count, keeps to all shares, and was never written over. */
  audit(): void {
    const bytes = { negative: 0, groups: [0, 0, 0] }
    let entries = 0
    for (const [key, expected] of this.#model.standing()) {
      const found = this.#cache.peek(key)
      this.#compare(key, found)
      expect(viewed(this.#cache, key, this.#clock.now())).toEqual(found && pick(found))
      if (found === undefined) {
        // One that has expired is counted until it is met.
        this.#cache.get(key)
        continue
      }
      entries += 1
      if (found.kind === 'negative') bytes.negative += found.value.length + key.length
      if (expected.group !== undefined) bytes.groups[expected.group]! += found.value.length + key.length
    }
    expect(this.#cache.stats().entries).toBe(entries)
    expect(bytes.negative).toBeLessThanOrEqual(MAX_BYTES * NEGATIVE_SHARE)
    MAX_SHARES.forEach((share, group) => {
      expect(bytes.groups[group]).toBeLessThanOrEqual(MAX_BYTES * share)
    })
    for (const { value, text } of this.#answered) expect(value.toString('latin1')).toBe(text)
  }

  /** When all have left, one entry can have the memory of them all. */
  empty(): void {
    for (const [key] of this.#model.standing()) this.#cache.drop(key)
    expect(this.#cache.stats().entries).toBe(0)
    this.#cache.put('last', nearEntry({ value: Buffer.alloc(9_000, 'l') }))
    expect(this.#cache.get('last')?.value.equals(Buffer.alloc(9_000, 'l'))).toBe(true)
  }

  #put(key: string, entry: NearEntry): void {
    // What was evicted no longer outranks a newcomer, so the model must not remember it either.
    if (this.#cache.peek(key) === undefined) this.#model.drop(key)
    this.#cache.put(key, entry)
    this.#model.put(key, entry, this.#clock.now())
  }

  #compare(key: string, found: NearEntry | undefined): void {
    if (found === undefined) return
    const { group: _, ...expected } = this.#model.get(key, this.#clock.now())!
    expect({ ...found }).toEqual(expected)
    this.#answered.push({ value: found.value, text: found.value.toString('latin1') })
  }

  /** No two puts have the same bytes. */
  #entryOf({ size, livesForMs, proof, group, ...rest }: Extract<Operation, { name: 'put' }>['entry']): NearEntry {
    this.#puts += 1
    const value = Buffer.from(Array.from({ length: size }, (_, at) => this.#puts * 31 + at * 7))
    const bonds = {
      ...(proof === undefined ? {} : { proof: this.#proofs[proof]! }),
      ...(group === undefined ? {} : { group }),
    }
    return nearEntry({ ...rest, ...bonds, value, expiresAt: this.#clock.now() + livesForMs })
  }
}

describe.each(NEAR_POLICIES)('any course of operations on a near cache that evicts by %s', (policy) => {
  it('never exceeds a bound and never answers anything but the last put of the largest version', async () => {
    const operations = fc.array(operation, { minLength: 20, maxLength: 200, size: 'max' })
    await fc.assert(
      fc.asyncProperty(operations, async (operations) => {
        const clock = new ManualClock()
        const options = { maxBytes: MAX_BYTES, negativeShare: NEGATIVE_SHARE, maxShares: MAX_SHARES, policy }
        const course = new Course(createNearCache(options, clock), clock)
        for (const operation of operations) await course.run(operation)
        course.audit()
        course.empty()
      }),
      { numRuns: 150 },
    )
  })
})

/** What a view of an entry shows, copied. */
function viewed(cache: NearCache, key: string, now: number) {
  const wide = Buffer.from(key, 'latin1').toString('latin1') !== key
  // Views are for keys of one byte a character, cut anywhere.
  if (wide) {
    const peeked = cache.peek(key)
    return peeked && pick(peeked)
  }
  const cut = Math.floor(key.length / 2)
  const bytes = Buffer.from(`?${key.slice(cut)}?`, 'latin1')
  const view = cache.view({ prefix: key.slice(0, cut), bytes, start: 1, end: bytes.length - 1 }, now)
  if (view === undefined) return undefined
  const value = Buffer.alloc(view.bytes + 2)
  view.copyTo(value, 1)
  return pick({ ...shown(view), value: value.subarray(1, -1) })
}

const shown = ({ kind, version, asOf, loadedAt, freshUntil }: Shown) => ({ kind, version, asOf, loadedAt, freshUntil })

const pick = ({ value, ...entry }: Shown & { readonly value: Buffer }) => ({
  ...shown(entry),
  text: value.toString('latin1'),
})

type Shown = Pick<NearEntry, 'kind' | 'version' | 'asOf' | 'loadedAt' | 'freshUntil'>
