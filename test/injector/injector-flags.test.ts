import { describe, expect, it } from 'vitest'
import { readInjectorFlags } from '../../src/injector/injector-flags.ts'

describe('the command line of an injector', () => {
  it('needs nothing but the image', () => {
    expect(readInjectorFlags(['--image', 'ringside:1'])).toEqual({
      listen: { host: '0.0.0.0', port: 8443 },
      http: { host: '0.0.0.0', port: 8080 },
      image: 'ringside:1',
      mode: 'auto',
      certs: undefined,
    })
  })

  it.each([
    [['--image', ''], '--image is missing'],
    [[], '--image is missing'],
    [['--image', 'x', '--mode', 'both'], '--mode both is not known; write auto, native, classic'],
    [['--image', 'x', '--listen', '8443'], '--listen is not an address'],
    [['--image', 'x', '--nope'], "Unknown option '--nope'"],
    [['--image', 'x', 'y'], 'Unexpected argument'],
  ])('is refused where it is wrong: %j', (flags, problem) => {
    expect(() => readInjectorFlags(flags)).toThrow(TypeError)
    expect(() => readInjectorFlags(flags)).toThrow(problem)
  })
})
