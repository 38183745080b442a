import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RingsideError } from '../../src/base/errors.ts'
import { keyPatternText, wholeKeyPattern } from '../../src/keyspace/key-pattern.ts'
import { type KeyName, Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { policyOf } from './policy-of.ts'

const keyspaces = new Keyspaces({
  env: 'prod',
  policies: [
    policyOf({ name: 'session' }),
    policyOf({ name: 'product', version: 3, keyPattern: wholeKeyPattern('[0-9]{1,12}') }),
    policyOf({ name: 'optional', tenants: 'optional' }),
    policyOf({ name: 'required', tenants: 'required' }),
    policyOf({ name: 'listed', tenants: ['acme', 'globex'] }),
  ],
})

const named = (name: Partial<KeyName>): KeyName => ({ keyspace: 'session', key: 'k', tenant: '', ...name })

function refusal(name: Partial<KeyName>): RingsideError {
  try {
    keyspaces.resolve(named(name))
  } catch (error) {
    if (error instanceof RingsideError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('resolving a key', () => {
  it('gives its policy and its physical key', () => {
    const resolved = keyspaces.resolve(named({ keyspace: 'product', key: '42' }))
    expect(resolved.policy.name).toBe('product')
    expect(resolved.physicalKey).toBe('prod:product:v3::42')
  })

  it.each([
    ['user:42', 'prod:session:v1::user:42'],
    ['a b~|', 'prod:session:v1::a b~|'],
    ['{x}%', 'prod:session:v1::%7Bx%7D%25'],
    ['müsli/😀', 'prod:session:v1::müsli/😀'],
  ])('keeps %s readable', (key, physicalKey) => {
    expect(keyspaces.resolve(named({ key })).physicalKey).toBe(physicalKey)
  })

  it('lists the known keyspaces, the most alike first, when it knows none of that name', () => {
    const error = refusal({ keyspace: 'prodct' })
    expect(error.reason).toBe('KEYSPACE_UNKNOWN')
    expect(error.message).toMatch(/^keyspace "prodct" is not configured; known: product, /)
    expect(error.message).toContain('listed')
  })

  it.each(['constructor', '__proto__', '', 'x'.repeat(10_000), 'a\nb'])('knows no keyspace %j', (keyspace) => {
    expect(refusal({ keyspace })).toMatchObject({ reason: 'KEYSPACE_UNKNOWN' })
  })
})

describe('a key', () => {
  it.each([
    ['x'.repeat(1024), 'ASCII at the limit'],
    ['é'.repeat(512), 'two-byte characters at the limit'],
    [' ', 'a space'],
    ['a\u200db', 'a joiner'],
  ])('may be %#: %s', (key) => {
    expect(keyspaces.resolve(named({ key })).physicalKey).toBe(`prod:session:v1::${key}`)
  })

  it.each([
    ['', 'is empty'],
    ['x'.repeat(2048), 'has 2048 bytes'],
    ['x'.repeat(1025), 'has 1025 bytes'],
    ['é'.repeat(513), 'has 1026 bytes'],
    ['a\u0000', 'holds U+0000'],
    ['a\n', 'holds U+000A'],
    ['a\u007f', 'holds U+007F'],
    ['a\u0085', 'holds U+0085'],
    ['a\u2028', 'holds U+2028'],
    ['a\u2029', 'holds U+2029'],
    ['a\ud800b', 'holds U+D800'],
    ['a\udc00', 'holds U+DC00'],
    ['a\ufffd', 'holds U+FFFD'],
  ])('is refused where it %#: %j', (key, why) => {
    const error = refusal({ key })
    expect(error.reason).toBe('KEY_INVALID')
    expect(error.message).toContain(why)
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u)
    expect(error.message.length).toBeLessThan(200)
  })

  it.each(['12a', 'a12', '1234567890123', ' 1', '1\n'])('must match the pattern as a whole: %j', (key) => {
    expect(refusal({ keyspace: 'product', key })).toMatchObject({ reason: 'KEY_INVALID' })
  })

  it('is told the pattern that it fails', () => {
    expect(refusal({ keyspace: 'product', key: 'abc' }).message).toBe(
      'keyspace product: key "abc" does not match the keyspace\'s pattern [0-9]{1,12}',
    )
  })

  it('that is accepted is well-formed text of at most 1 KiB without controls, whatever was asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1_100 }), (key) => {
        let accepted = true
        try {
          keyspaces.resolve(named({ key }))
        } catch (error) {
          expect(error).toMatchObject({ reason: 'KEY_INVALID' })
          accepted = false
        }
        const bytes = Buffer.byteLength(key)
        const printable = !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFD]/u.test(key)
        expect(accepted).toBe(bytes >= 1 && bytes <= 1024 && printable)
      }),
    )
  })
})

describe('a tenant', () => {
  it.each([
    ['session', '', 'prod:session:v1::k'],
    ['optional', '', 'prod:optional:v1::k'],
    ['optional', 'acme', 'prod:optional:v1:acme:k'],
    ['required', 'acme', 'prod:required:v1:acme:k'],
    ['listed', 'globex', 'prod:listed:v1:globex:k'],
  ])('of keyspace %s may be %j', (keyspace, tenant, physicalKey) => {
    expect(keyspaces.resolve(named({ keyspace, tenant })).physicalKey).toBe(physicalKey)
  })

  it.each([
    ['session', 'acme', 'has no tenants'],
    ['required', '', 'is required'],
    ['listed', '', 'is required'],
    ['listed', 'initech', 'is unknown'],
    ['optional', 'a:b', 'is not allowed'],
    ['required', '~r', 'is not allowed'],
    ['required', '{x}', 'is not allowed'],
    ['required', 'x'.repeat(65), 'is not allowed'],
  ])('of keyspace %s may not be %j', (keyspace, tenant, why) => {
    const error = refusal({ keyspace, tenant })
    expect(error.reason).toBe('TENANT_INVALID')
    expect(error.message).toContain(why)
  })

  it('is not told who the others are', () => {
    expect(refusal({ keyspace: 'listed', tenant: 'initech' }).message).not.toContain('acme')
  })
})

describe('names that would break out of their namespace', () => {
  it.each([
    { env: 'a:b', policies: [] },
    { env: '', policies: [] },
    { env: 'prod', policies: [policyOf({ name: 'a~b' })] },
    { env: 'prod', policies: [policyOf({ name: 'ok', tenants: ['a:b'] })] },
  ])('are refused at construction: %j', (options) => {
    expect(() => new Keyspaces(options)).toThrow(expect.objectContaining({ reason: 'CONFIG_INVALID' }))
  })
})

describe('a key pattern', () => {
  it.each(['^[0-9]+$', '[0-9]+', '^a|b$'])('keeps its text: %s', (text) => {
    expect(keyPatternText(wholeKeyPattern(text))).toBe(text)
  })

  it('has no way to match less than the whole key', () => {
    expect(wholeKeyPattern('^a|b$').test('xb')).toBe(false)
    expect(() => wholeKeyPattern('a)|(?:b')).toThrow(SyntaxError)
  })
})

describe('keyspaces that take other policies', () => {
  const own = () => new Keyspaces({ env: 'prod', policies: [policyOf({ name: 'product', version: 3 })] })
  const key = named({ keyspace: 'product', key: '1' })

  it('judge by them from then on, and leave a key its name', () => {
    const taking = own()
    const before = taking.resolve(key)
    taking.take([policyOf({ name: 'product', version: 3, ttlMs: 7 })])
    expect(taking.resolve(key)).toEqual({
      policy: expect.objectContaining({ ttlMs: 7 }),
      physicalKey: before.physicalKey,
    })
    expect(before.policy.ttlMs).not.toBe(7)
  })

  it('stay where the fleet has moved them, with all names that somebody may read by', () => {
    const taking = own()
    taking.move('product', { inForce: 5, announced: 6, oldest: 4, isUnknownToSome: false })
    const names = taking.besides('prod:product:v5::1')?.names
    expect(names).toHaveLength(2)
    taking.take([policyOf({ name: 'product', version: 3, ttlMs: 7 })])
    expect(taking.version('product')).toBe(5)
    expect(taking.besides('prod:product:v5::1')?.names).toEqual(names)
  })

  it('come and go', () => {
    const taking = own()
    taking.take([policyOf({ name: 'fresh' })])
    expect([taking.has('fresh'), taking.has('product')]).toEqual([true, false])
    expect(() => taking.resolve(key)).toThrow('is not configured')
    taking.move('fresh', { inForce: 2, announced: 2, oldest: 2, isUnknownToSome: false })
    expect(taking.version('fresh')).toBe(2)
  })
})
