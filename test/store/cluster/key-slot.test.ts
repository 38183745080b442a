import { describe, expect, it } from 'vitest'
import { keySlot, SLOTS } from '../../../src/store/cluster/key-slot.ts'
import { slotTags } from '../../../src/store/cluster/slot-tags.ts'

describe('the slot of a key', () => {
  it.each([
    // As redis-cli answers to CLUSTER KEYSLOT.
    ['foo', 12_182],
    ['bar', 5_061],
    ['', 0],
    ['ü', 9_552],
    ['{hello}x', 866],
    ['x{hello}y{foo}', 866],
  ])('is that of Redis Cluster for %j', (key, slot) => {
    expect(keySlot(key)).toBe(slot)
  })

  it('is that of the whole key where its first braces hold nothing', () => {
    expect(keySlot('{}{foo}')).not.toBe(keySlot('foo'))
    expect(keySlot('foo}')).not.toBe(keySlot('{foo}'))
  })
})

it('has a tag for each slot, of at most four characters', () => {
  const tags = slotTags()
  expect(tags).toHaveLength(SLOTS)
  expect(tags.every((tag, slot) => keySlot(`env:~{${tag}}life`) === slot && tag.length <= 4)).toBe(true)
})
