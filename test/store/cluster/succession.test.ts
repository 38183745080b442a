import { describe, expect, it } from 'vitest'
import { succession } from '../../../src/store/cluster/succession.ts'

const a = { address: 'a', anchor: 0 }
const b = { address: 'b', anchor: 2 }
const none = { staying: [], replaced: [], leaving: [], coming: [] }

describe('the masters of a cluster', () => {
  it('stay as long as they own anything, whoever owns the slot of their control keys', () => {
    expect(succession([a, b], ['b', 'a', 'b', undefined])).toEqual({ ...none, staying: [a, b] })
  })

  it('come when they own their first slot', () => {
    expect(succession([a], ['a', 'c', 'd', 'c'])).toEqual({ ...none, staying: [a], coming: ['c', 'd'] })
  })

  it('are replaced by the one that has the slot of their control keys, if it was not known', () => {
    expect(succession([a, b], ['c', 'c', 'b', 'b'])).toEqual({
      ...none,
      staying: [b],
      replaced: [{ master: a, by: 'c' }],
    })
  })

  it('leave when others whose memory is their own have all their slots', () => {
    expect(succession([a, b], ['b', 'b', 'b', 'b'])).toEqual({ ...none, staying: [b], leaving: [a] })
  })

  it('leave when nobody owns what they had, and when it is not known where their control keys were', () => {
    const unknown = { address: 'c', anchor: undefined }
    expect(succession([a, unknown], [undefined, 'd'])).toEqual({ ...none, leaving: [a, unknown], coming: ['d'] })
  })

  it('have one heir at most', () => {
    const twin = { address: 'b', anchor: 1 }
    const { replaced, leaving, coming } = succession([a, twin], ['c', 'c'])
    expect([replaced, leaving, coming]).toEqual([[{ master: a, by: 'c' }], [twin], []])
  })
})
