import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyHash } from '../../src/base/key-hash.ts'

describe('the hash of a key', () => {
  it('is the same in one piece and in two, whatever came before', () => {
    const ascii = fc.string({ maxLength: 20 })
    fc.assert(
      fc.property(fc.array(fc.tuple(ascii, ascii), { maxLength: 20 }), fc.nat(), (keys, seed) => {
        const hash = new KeyHash(seed)
        for (const [prefix, rest] of keys) {
          const bytes = Buffer.from(`<${rest}>`)
          expect(hash.ofText({ prefix, bytes, start: 1, end: bytes.length - 1 })).toBe(hash.of(prefix + rest))
        }
      }),
    )
  })

  it('differs from seed to seed', () => {
    const hashes = Array.from({ length: 1_000 }, (_, seed) => new KeyHash(seed).of('prod:product:v3::42'))
    expect(new Set(hashes).size).toBe(1_000)
  })
})
