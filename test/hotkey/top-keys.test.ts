import { describe, expect, it } from 'vitest'
import { TopKeys } from '../../src/hotkey/top-keys.ts'
import { SeededChance } from '../torture/seeded-chance.ts'

const HALF_LIFE_MS = 1_000
const topKeys = (tracked: number) => new TopKeys({ tracked, halfLifeMs: HALF_LIFE_MS, seed: 3 }, new SeededChance(1))

function count(keys: TopKeys, key: string, times: number): void {
  for (let time = 0; time < times; time += 1) keys.count(key)
}

const names = (keys: TopKeys) => keys.tracked.map(({ key }) => key).sort()

describe('the keys that come most often', () => {
  it('are counted exactly, however they are named', () => {
    const keys = topKeys(2)
    count(keys, 'prod:product:v3::42', 3)
    const bytes = Buffer.from('get 42 please')
    keys.countText({ prefix: 'prod:product:v3::', bytes, start: 4, end: 6 })
    expect(keys.tracked).toHaveLength(1)
    expect(keys.find('prod:product:v3::42')).toMatchObject({ key: 'prod:product:v3::42', weight: 4, pending: 4 })
  })

  it('have the name they would have as text when they first come in two pieces', () => {
    const keys = topKeys(2)
    keys.countText({ prefix: 'prod:product:v3::', bytes: Buffer.from('[42]'), start: 1, end: 3 })
    expect(names(keys)).toEqual(['prod:product:v3::42'])
  })

  it('are as many as are asked for: the coldest goes when another has become hotter', () => {
    const keys = topKeys(3)
    count(keys, 'a', 100)
    count(keys, 'b', 10)
    count(keys, 'c', 50)
    count(keys, 'd', 11)
    expect(names(keys)).toEqual(['a', 'b', 'c'])
    count(keys, 'd', 10)
    expect(names(keys)).toEqual(['a', 'c', 'd'])
    expect(keys.find('b')).toBeUndefined()
    expect(keys.find('d')?.weight).toBeLessThanOrEqual(21)
  })

  it('count on from where they were when they come back', () => {
    const keys = topKeys(1)
    count(keys, 'a', 20)
    count(keys, 'b', 30)
    expect(names(keys)).toEqual(['b'])
    count(keys, 'a', 20)
    expect(names(keys)).toEqual(['a'])
    expect(keys.find('a')?.weight).toBeGreaterThan(35)
    expect(keys.find('a')?.pending).toBeLessThan(20)
  })

  it('do not take turns with others that come just as often', () => {
    const keys = topKeys(10)
    const all = Array.from({ length: 1_000 }, (_, number) => `key-${number}`)
    let moves = 0
    for (let round = 0; round < 100; round += 1) {
      for (const key of all) {
        const wasTracked = keys.find(key) !== undefined
        keys.count(key)
        if (!wasTracked && keys.find(key) !== undefined) moves += 1
      }
    }
    expect(moves).toBeLessThan(1_000)
  })

  it('halve their weight with every half-life, so that yesterday’s leave', () => {
    const keys = topKeys(1)
    count(keys, 'yesterday', 1_000)
    keys.age(HALF_LIFE_MS)
    expect(keys.find('yesterday')?.weight).toBe(500)
    keys.age(8 * HALF_LIFE_MS)
    count(keys, 'today', 10)
    expect(names(keys)).toEqual(['today'])
  })

  it('keep what is pending until it is told, whatever their age', () => {
    const keys = topKeys(1)
    count(keys, 'a', 7)
    keys.age(10 * HALF_LIFE_MS)
    expect(keys.find('a')?.pending).toBe(7)
  })

  it('know how often they come per second', () => {
    const keys = topKeys(2)
    for (let second = 0; second < 20; second += 1) {
      count(keys, 'a', 40)
      keys.age(500)
      count(keys, 'a', 40)
      keys.age(500)
    }
    expect(keys.find('a')?.perSecond).toBeCloseTo(80, 0)
    for (let second = 0; second < 20; second += 1) keys.age(1_000)
    expect(keys.find('a')?.perSecond).toBeLessThan(1)
  })
})
