import { describe, expect, it } from 'vitest'
import { readCommandLine } from './command-line.ts'

describe('the command line of drills', () => {
  it('names only what was asked of the world, so that a scenario keeps its own', () => {
    expect(readCommandLine(['--scenario', 'flush', '--sidecars', '8', '--near', '64'])).toMatchObject({
      scenario: 'flush',
      out: undefined,
      shape: { sidecars: 8, nearBytes: 65_536 },
    })
    expect(readCommandLine([]).shape).toEqual({})
  })

  it('counts seconds in milliseconds', () => {
    const { drill, shape } = readCommandLine(['--baseline', '3', '--bound', '5'])
    expect(drill.baselineMs).toBe(3_000)
    expect(shape.boundMs).toBe(5_000)
  })

  it.each([
    [['--sidecars', '0'], '--sidecars takes a number from 1 to 64'],
    [['--rate', 'fast'], '--rate takes a number'],
    [['--rate', ''], '--rate takes a number'],
    [['--speed', '3'], "Unknown option '--speed'"],
  ])('refuses %s', (args, why) => {
    expect(() => readCommandLine(args)).toThrow(why)
  })
})
