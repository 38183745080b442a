import { describe, expect, it } from 'vitest'
import { Keyspaces } from '../../src/keyspace/keyspaces.ts'
import { policyOf } from './policy-of.ts'

const made = (kind: 'value' | 'counter' = 'value') =>
  new Keyspaces({ env: 'prod', policies: [policyOf({ name: 'product', version: 3, kind, tenants: 'optional' })] })
const KEY = { keyspace: 'product', key: '42', tenant: '' }
const settled = (version: number) => ({
  announced: version,
  inForce: version,
  oldest: version,
  isUnknownToSome: false,
})

describe('a keyspace that the fleet moves', () => {
  it('is read by its new version from then on, by the configured one if that is larger', () => {
    const keyspaces = made()
    keyspaces.move('product', settled(2))
    expect([keyspaces.version('product'), keyspaces.resolve(KEY).physicalKey]).toEqual([3, 'prod:product:v3::42'])
    keyspaces.move('product', settled(8))
    expect([keyspaces.version('product'), keyspaces.resolve(KEY).physicalKey]).toEqual([8, 'prod:product:v8::42'])
    expect(keyspaces.place('product', 'acme')?.prefix).toBe('prod:product:v8:acme:')
  })

  it('has no names of its former version any more', () => {
    const keyspaces = made()
    const { physicalKey } = keyspaces.resolve(KEY)
    expect(keyspaces.isCurrent(physicalKey)).toBe(true)
    keyspaces.move('product', settled(4))
    expect([keyspaces.isCurrent(physicalKey), keyspaces.named(physicalKey)]).toEqual([false, undefined])
  })

  it('is changed in every version by which anybody may read, and by one name alone when all agree', () => {
    const keyspaces = made()
    const name = (version: number) => `prod:product:v${version}:acme:a:b`
    const besides = (version: number) => keyspaces.besides(name(version))?.names ?? []
    expect(keyspaces.besides(name(3))).toBeUndefined()
    keyspaces.move('product', { announced: 4, inForce: 0, oldest: 0, isUnknownToSome: true })
    expect([keyspaces.version('product'), besides(3)]).toEqual([3, [name(4)]])
    keyspaces.move('product', { announced: 6, inForce: 5, oldest: 4, isUnknownToSome: true })
    expect(besides(5)).toEqual([name(4), name(6), name(3)])
    keyspaces.move('product', settled(6))
    expect(keyspaces.besides(name(6))).toBeUndefined()
    // Of a change that began before.
    expect(besides(3)).toEqual([name(6)])
  })

  it('does not lose what is counted in it to a change of an older name', () => {
    const keyspaces = made('counter')
    keyspaces.move('product', { announced: 4, inForce: 0, oldest: 0, isUnknownToSome: true })
    expect(keyspaces.besides('prod:product:v3::42')).toBeUndefined()
  })

  it('is none that is not configured here', () => {
    const keyspaces = made()
    keyspaces.move('views', settled(2))
    expect(() => keyspaces.version('views')).toThrow(expect.objectContaining({ reason: 'KEYSPACE_UNKNOWN' }))
  })
})
