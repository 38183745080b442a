import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEY_LIMIT_BYTES } from '../../src/keyspace/key-check.ts'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { copyName, encodeKey, isTagName, keyPrefix, refreshLockName, tagName } from '../../src/keyspace/physical-key.ts'
import { policyOf } from './policy-of.ts'

describe('a physical key', () => {
  it('starts with environment, keyspace and version', () => {
    expect(keyPrefix({ env: 'prod', keyspace: 'product', version: 3 })).toBe('prod:product:v3:')
  })

  it('has braces and percent signs of the key encoded, so that no key chooses its slot', () => {
    expect(encodeKey('{slot}%7B')).toBe('%7Bslot%7D%257B')
  })

  it('has a refresh lock of its own, which no tenant can name', () => {
    expect(refreshLockName('prod:product:v3::a:b')).toBe('prod:product:v3:~r::a:b')
    expect(refreshLockName('prod:product:v3:acme:a')).toBe('prod:product:v3:~r:acme:a')
  })

  it('has copies under names of their own, which no tenant can name', () => {
    expect(copyName('prod:product:v3::a:b', 2)).toBe('prod:product:v3:~c2::a:b')
    expect(copyName('prod:product:v3:acme:a', 1, 4)).toBe('prod:product:v3:~c1.4:acme:a')
  })

  it('shares its tags with the other keys of its tenant, under names that no tenant can name', () => {
    expect(tagName('prod:product:v3::a:b', 'x:{y}')).toBe('prod:product:v3:~t::x:%7By%7D')
    expect(tagName('prod:product:v3:acme:a', 'x')).toBe('prod:product:v3:~t:acme:x')
  })
})

// Few letters, so that the parts of different names collide as often as they can.
const nameText = fc.string({ unit: fc.constantFrom('a', 'b', 'v', '1', '.'), minLength: 1, maxLength: 3 })
const keyText = fc.string({
  unit: fc.constantFrom('a', '1', ':', '%', '7', 'B', '{', '}', '~', 'é', 'v'),
  minLength: 1,
})
const place = fc.record({
  env: nameText,
  keyspace: nameText,
  version: fc.integer({ min: 1, max: 11 }),
  tenant: fc.oneof(fc.constant(''), nameText),
  key: keyText.filter((key) => Buffer.byteLength(key) <= KEY_LIMIT_BYTES),
})
type Place = typeof place extends fc.Arbitrary<infer Value> ? Value : never

function keyspacesOf({ env, keyspace, version }: Place): Keyspaces {
  return new Keyspaces({ env, policies: [policyOf({ name: keyspace, version, tenants: 'optional' })] })
}

const physicalKeyOf = (one: Place): string => keyspacesOf(one).resolve(one).physicalKey

describe('the name of a key', () => {
  it('tells whose key it is', () => {
    fc.assert(
      fc.property(place, (one) => {
        const named = keyspacesOf(one).named(physicalKeyOf(one))
        expect(named).toMatchObject({ policy: { name: one.keyspace }, tenant: one.tenant, key: one.key })
      }),
    )
  })

  it('tells nothing where it is of another environment, version or keyspace, or no key’s', () => {
    const keyspaces = new Keyspaces({ env: 'prod', policies: [policyOf({ name: 'product', version: 3 })] })
    expect(keyspaces.named('prod:product:v3::a')).toBeDefined()
    const others = ['test:product:v3::a', 'prod:product:v2::a', 'prod:produc:v3::a', 'prod:product:v3:a', 'prod', '']
    for (const name of [...others, refreshLockName('prod:product:v3::a'), copyName('prod:product:v3::a', 1)]) {
      expect(keyspaces.named(name)).toBeUndefined()
    }
  })
})

describe('two keys', () => {
  it('share a physical key only if environment, keyspace, version, tenant and key are all the same', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        expect(physicalKeyOf(one) === physicalKeyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 2_000 },
    )
  })

  it('differ however one is a variation of the other', () => {
    const variation = fc.constantFrom<(key: string) => string>(
      (key) => key.replaceAll('{', '%7B'),
      (key) => key.replaceAll('%', '%25'),
      (key) => key.replaceAll('%7B', '{'),
      (key) => `${key}:`,
      (key) => `:${key}`,
    )
    fc.assert(
      fc.property(place, variation, (one, vary) => {
        const other = { ...one, key: vary(one.key) }
        expect(physicalKeyOf(one) === physicalKeyOf(other)).toBe(one.key === other.key)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never take the name of a lock, of a copy, of a tag or of a control key', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        const name = physicalKeyOf(other)
        const names = [refreshLockName(name), copyName(name, 1), copyName(name, 1, 0), tagName(name, one.key)]
        expect(names).not.toContain(physicalKeyOf(one))
        expect([name, ...names].map(isTagName)).toEqual([false, false, false, false, true])
        expect(physicalKeyOf(one).split(':').slice(0, 4).join(':')).not.toContain('~')
      }),
    )
  })
})
