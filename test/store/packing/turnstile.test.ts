import { describe, expect, it } from 'vitest'
import { Turnstile } from '../../../src/store/packing/turnstile.ts'

/** Work that goes on until it is ended by name. */
function works() {
  const ends = new Map<string, (failure?: Error) => void>()
  const begin = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      ends.set(name, (failure) => (failure === undefined ? resolve(name) : reject(failure)))
    })
  return { begin, under: () => [...ends.keys()], end: (name: string, failure?: Error) => ends.get(name)?.(failure) }
}

describe('a turnstile', () => {
  it('lets so many in at once, and the others in the order in which they came', async () => {
    const { begin, under, end } = works()
    const turnstile = new Turnstile(2)
    const all = ['a', 'b', 'c', 'd'].map((name) => turnstile.run(begin(name)))
    expect(under()).toEqual(['a', 'b'])
    expect(turnstile.waiting).toBe(2)
    end('b')
    await all[1]
    await Promise.resolve()
    expect(under()).toEqual(['a', 'b', 'c'])
    end('a')
    end('c')
    await Promise.all([all[0], all[2]])
    end('d')
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('hands the place of what fails on as well, and is free again when all have left', async () => {
    const { begin, under, end } = works()
    const turnstile = new Turnstile(1)
    const failing = turnstile.run(begin('a'))
    const next = turnstile.run(begin('b'))
    end('a', new Error('broken'))
    await expect(failing).rejects.toThrow('broken')
    end('b')
    await next
    const last = turnstile.run(begin('c'))
    expect(under()).toContain('c')
    end('c')
    expect(await last).toBe('c')
  })
})
