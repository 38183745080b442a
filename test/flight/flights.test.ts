import { describe, expect, it } from 'vitest'
import { Flights } from '../../src/flight/flights.ts'
import { Party } from '../../src/flight/party.ts'
import { ManualClock } from '../support/manual-clock.ts'

const PASSENGER = { answerBy: Number.POSITIVE_INFINITY, reader: { caller: '' } }

interface Call {
  readonly land: (value: string) => void
  readonly crash: (error: Error) => void
}

function setup() {
  const clock = new ManualClock()
  const flights = new Flights<string>(clock, (passenger) => new Party(passenger))
  const calls: Call[] = []
  const call = () => new Promise<string>((land, crash) => calls.push({ land, crash }))
  const fly = (notBefore: number) => flights.board('k', notBefore, PASSENGER, call).result
  return { clock, flights, calls, fly }
}

describe('flights', () => {
  it('share one call among all who can bear when it departed', async () => {
    const { flights, calls, fly } = setup()
    const all = Array.from({ length: 1_000 }, () => fly(0))
    expect(calls).toHaveLength(1)
    calls[0]?.land('v')
    expect(new Set(await Promise.all(all))).toEqual(new Set(['v']))
    expect(flights.stats()).toEqual({ started: 1, joined: 999 })
  })

  it('let nobody join a call that departed before the reader can bear', async () => {
    const { clock, calls, fly } = setup()
    const early = fly(0)
    await clock.advance(10)
    const late = fly(10)
    expect(calls).toHaveLength(2)
    calls[1]?.land('new')
    calls[0]?.land('old')
    expect(await late).toBe('new')
    expect(await early).toBe('old')
  })

  it('gather the next ones when two are under way, and depart when either has landed', async () => {
    const { clock, calls, fly } = setup()
    const settled: Promise<string>[] = []
    for (let reader = 0; reader < 50; reader += 1) {
      settled.push(fly(clock.now()))
      await clock.advance(1)
    }
    expect(calls).toHaveLength(2)
    calls[1]?.land('b')
    await clock.advance(0)
    expect(calls).toHaveLength(3)
    calls[0]?.land('a')
    calls[2]?.land('c')
    expect(await Promise.all(settled)).toEqual(['a', 'b', ...Array.from({ length: 48 }, () => 'c')])
  })

  it('give a failure to all who shared it and start anew for the next', async () => {
    const { calls, fly } = setup()
    const both = Promise.allSettled([fly(0), fly(0)])
    calls[0]?.crash(new Error('down'))
    expect((await both).map((one) => one.status)).toEqual(['rejected', 'rejected'])
    const next = fly(0)
    calls[1]?.land('v')
    expect(await next).toBe('v')
  })

  it('let nobody join what departed before the key was parted', async () => {
    const { calls, flights, fly } = setup()
    const before = fly(0)
    flights.part('k')
    const after = fly(0)
    expect(calls).toHaveLength(2)
    calls[0]?.land('old')
    calls[1]?.land('new')
    expect([await before, await after]).toEqual(['old', 'new'])
  })

  it('keep different keys apart', async () => {
    const { flights } = setup()
    const [a, b] = ['a', 'b'].map((key) => flights.board(key, 0, PASSENGER, async () => `value of ${key}`).result)
    expect([await a, await b]).toEqual(['value of a', 'value of b'])
  })
})
