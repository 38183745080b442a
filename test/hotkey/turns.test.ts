import { describe, expect, it } from 'vitest'
import { Turns } from '../../src/hotkey/turns.ts'
import { SeededChance } from '../torture/seeded-chance.ts'

const FLEETS = 500
const READS = 97

/** Chooses a place for each read of one pod. */
type Choice = () => number

/** The busiest place's share of all reads over the mean share, on average over many fleets. */
function unevenness(pods: number, places: number, choiceOf: (chance: SeededChance) => Choice): number {
  let sum = 0
  for (let fleet = 0; fleet < FLEETS; fleet += 1) {
    const reads = new Array<number>(places).fill(0)
    for (let pod = 0; pod < pods; pod += 1) {
      const choice = choiceOf(new SeededChance(fleet * 1_000 + pod))
      for (let read = 0; read < READS; read += 1) reads[choice()]! += 1
    }
    sum += (Math.max(...reads) * places) / (pods * READS)
  }
  return sum / FLEETS
}

const inTurns =
  (places: number) =>
  (chance: SeededChance): Choice => {
    const turns = new Turns(chance)
    return () => turns.next('key', places)
  }

/** What a hash of pod and key would give: the same place for all reads of a pod. */
const alwaysOne =
  (places: number) =>
  (chance: SeededChance): Choice => {
    const place = Math.floor(places * chance.uniform())
    return () => place
  }

describe('turns', () => {
  it.each([
    { pods: 1, places: 4 },
    { pods: 6, places: 4 },
    { pods: 200, places: 5 },
  ])('give every place the same share of the reads: %j', ({ pods, places }) => {
    expect(unevenness(pods, places, inTurns(places))).toBeLessThan(1.05)
  })

  it('do what a place for each pod cannot do where there are few pods', () => {
    expect(unevenness(6, 4, alwaysOne(4))).toBeGreaterThan(1.5)
  })

  it('begin at another place in each process, so that pods do not move together', () => {
    const starts = Array.from({ length: 100 }, (_, pod) => new Turns(new SeededChance(pod)).next('key', 4))
    expect(new Set(starts).size).toBe(4)
  })

  it('are taken by each key for itself', () => {
    const turns = new Turns(new SeededChance(1))
    const mine: number[] = []
    for (let read = 0; read < 8; read += 1) {
      mine.push(turns.next('mine', 4))
      turns.next('other', 4)
    }
    expect(new Set(mine.slice(0, 4)).size).toBe(4)
    expect(mine.slice(4)).toEqual(mine.slice(0, 4))
  })

  it('go on where the number of places changes', () => {
    const turns = new Turns(new SeededChance(1))
    const of = (places: number, reads: number) => Array.from({ length: reads }, () => turns.next('key', places))
    of(2, 3)
    expect(new Set(of(4, 4)).size).toBe(4)
    expect(of(1, 3)).toEqual([0, 0, 0])
  })
})
