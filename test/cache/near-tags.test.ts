import { describe, expect, it } from 'vitest'
import { ALL_RULES } from '../../src/base/rules.ts'
import { NearTags } from '../../src/cache/near-tags.ts'
import { TagStates } from '../../src/cache/tag-states.ts'
import { tagName } from '../../src/keyspace/physical-key.ts'

const MOST_BYTES = 10_000
const VERSION = 5

function rig() {
  const states = new TagStates(MOST_BYTES)
  const tags = new NearTags(states, ALL_RULES, MOST_BYTES)
  states.keep(tagName('test:product:v1::any', 'toys'), { epoch: 1, us: 10, asOf: 100, proof: undefined })
  const tie = (key: string) => tags.tie(`test:product:v1::${key}`, VERSION, [{ tag: 'toys', epoch: 1, sinceUs: 20 }])
  const counts = (key: string) => tags.asOf(`test:product:v1::${key}`, VERSION) > Number.NEGATIVE_INFINITY
  return { tags, tie, counts }
}

describe('what entries with tags hang on', () => {
  it('takes no more than its bytes: the oldest ties go, and their entries count no more', () => {
    const { tags, tie, counts } = rig()
    const keys = Array.from({ length: 1_000 }, (_, index) => `${index}`)
    for (const key of keys) {
      tie(key)
      expect(tags.bytes).toBeLessThanOrEqual(MOST_BYTES)
    }
    const counting = keys.filter(counts)
    expect(counting.length).toBeGreaterThan(10)
    expect(counting).toEqual(keys.slice(-counting.length))
  })

  it('forgets tags rather than take more than the bytes given for them, and what hangs on those counts no more', () => {
    const states = new TagStates(MOST_BYTES)
    const first = states.of('tag 0')
    first.stamp = { epoch: 1, us: 10, asOf: 100, proof: undefined }
    for (let index = 1; index < 1_000; index += 1) {
      states.of(`tag ${index}`)
      expect(states.bytes).toBeLessThanOrEqual(MOST_BYTES)
    }
    expect(first.stamp).toBeUndefined()
  })

  it('takes nothing when all is untied', () => {
    const { tags, tie, counts } = rig()
    for (const key of ['1', '2', '1', '3']) tie(key)
    expect(counts('1')).toBe(true)
    for (const key of ['1', '2', '3', '3']) tags.untie(`test:product:v1::${key}`)
    expect(tags.bytes).toBe(0)
    tie('1')
    tags.clear()
    expect([tags.bytes, counts('1')]).toEqual([0, false])
  })
})
