import { beforeEach, describe, expect, it } from 'vitest'
import { Debts, type OwedTo } from '../../../src/store/journal/debts.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const owed: OwedTo = { shard: 'x', journal: 'j1' }
const other: OwedTo = { shard: 'x', journal: 'j2' }

let clock: ManualClock
let debts: Debts

beforeEach(() => {
  clock = new ManualClock()
  debts = new Debts(clock)
})

const hear = (board: string, told: Readonly<Record<string, readonly OwedTo[]>>) =>
  debts.hear(board, new Map(Object.entries(told)))

describe('what others owe to a shard', () => {
  it('is overdue once its holder has been gone for a minute, and not before', async () => {
    hear('y', { m: [owed] })
    await clock.advance(100_000)
    hear('y', { m: [owed] })
    expect(debts.overdue('x')).toBeUndefined()
    hear('y', {})
    await clock.advance(59_999)
    hear('y', {})
    expect(debts.overdue('x')).toBeUndefined()
    await clock.advance(1)
    expect(debts.overdue('x')).toBe(100_000)
    expect(debts.overdue('y')).toBeUndefined()
  })

  it('is paid when its holder lives and tells of it no more', async () => {
    hear('y', { m: [owed, other] })
    hear('y', { m: [other] })
    hear('y', {})
    await clock.advance(60_000)
    expect(debts.overdue('x')).toBe(0)
    debts.settle('x', 0)
    expect(debts.overdue('x')).toBeUndefined()
    hear('y', { m: [owed] })
    hear('y', { m: [] })
    hear('y', {})
    await clock.advance(120_000)
    expect(debts.overdue('x')).toBeUndefined()
  })

  it('goes on when its holder comes back under another name, with the same journal', async () => {
    hear('y', { m: [owed] })
    hear('y', {})
    await clock.advance(50_000)
    hear('y', { n: [owed] })
    await clock.advance(50_000)
    expect(debts.overdue('x')).toBeUndefined()
    hear('y', { n: [] })
    await clock.advance(120_000)
    hear('y', {})
    expect(debts.overdue('x')).toBeUndefined()
  })

  it('is not lost while its holder is heard on another shard', async () => {
    hear('y', { m: [owed] })
    hear('z', { m: [owed] })
    hear('y', {})
    for (let second = 0; second < 100; second += 1) {
      await clock.advance(1_000)
      hear('z', { m: [owed] })
    }
    expect(debts.overdue('x')).toBeUndefined()
  })

  it('is lost in the end when the shard where it was told of is silent too', async () => {
    hear('y', { m: [owed] })
    await clock.advance(60_000)
    expect(debts.overdue('x')).toBeUndefined()
    await clock.advance(60_000)
    expect(debts.overdue('x')).toBe(60_000)
  })

  it('is not lost by who hears of nobody for a while', async () => {
    hear('y', { m: [owed] })
    await clock.advance(90_000)
    expect(debts.overdue('x')).toBeUndefined()
    hear('y', { m: [owed] })
    await clock.advance(59_000)
    expect(debts.overdue('x')).toBeUndefined()
  })

  it('is made good only as far as it was lost before', async () => {
    hear('y', { m: [owed], n: [other] })
    hear('y', { n: [other] })
    await clock.advance(30_000)
    hear('y', {})
    await clock.advance(40_000)
    expect(debts.overdue('x')).toBe(0)
    debts.settle('x', 0)
    expect(debts.overdue('x')).toBeUndefined()
    await clock.advance(20_000)
    expect(debts.overdue('x')).toBe(30_000)
  })

  it('is told of this sidecar too, while its journals hold anything', () => {
    const journal = { id: 'j1', isEmpty: true }
    debts.keep('x', journal)
    expect(debts.own()).toEqual([])
    journal.isEmpty = false
    expect(debts.own()).toEqual([owed])
  })
})
