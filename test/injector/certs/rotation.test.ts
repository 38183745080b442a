import { describe, expect, it } from 'vitest'
import { systemChance } from '../../../src/base/chance.ts'
import { type Generation, newGeneration } from '../../../src/injector/certs/generation.ts'
import {
  type Certificates,
  nextRotation,
  type Rotation,
  readSecretTexts,
  secretTexts,
} from '../../../src/injector/certs/rotation.ts'

const DAY = 86_400_000
const START = Date.parse('2026-01-01T00:00:00Z')

let made: Generation | undefined
const makeAt = (nowMs: number) => () => {
  made = newGeneration(['injector.svc'], nowMs, systemChance)
  return made
}

function rotated(stored: Certificates | undefined, nowMs: number, more = {}): Rotation {
  const facts = { nowMs, served: undefined, believed: '', settled: false, ...more }
  return nextRotation(stored, facts, makeAt(nowMs))
}

const founded = () => rotated(undefined, START)!.certificates

describe('the life of certificates', () => {
  it('begins with one that is believed and served at once, since nobody serves another', () => {
    const { current, next, authorities } = founded()
    expect({ current, next, authorities }).toEqual({
      current: made!.pair,
      next: undefined,
      authorities: [made!.authority],
    })
  })

  it('goes on unchanged for two thirds of it', () => {
    const first = founded()
    expect(rotated(first, START + 59 * DAY)).toBeUndefined()
    expect(rotated(first, START + 60 * DAY)).toMatchObject({ why: 'due' })
  })

  it('announces a new one beside the old, serves it once that has settled, and keeps the old authority until it expires', () => {
    const first = founded()
    const announced = rotated(first, START + 61 * DAY)!.certificates
    expect(announced).toEqual({
      current: first.current,
      next: made!.pair,
      authorities: [made!.authority, ...first.authorities],
    })
    expect(rotated(announced, START + 61 * DAY)).toBeUndefined()
    const served = rotated(announced, START + 61 * DAY, { settled: true })
    expect(served).toEqual({ why: 'settled', certificates: { ...announced, current: announced.next, next: undefined } })
    expect(rotated(served!.certificates, START + 89 * DAY)).toBeUndefined()
    const left = rotated(served!.certificates, START + 91 * DAY)
    expect(left).toMatchObject({ why: 'authority expired', certificates: { authorities: [announced.authorities[0]] } })
  })

  it('does not wait for anything once what is served has expired, or is from the future', () => {
    const first = founded()
    expect(rotated(first, START + 91 * DAY)).toMatchObject({ why: 'expired', certificates: { next: undefined } })
    expect(rotated(first, START - DAY)).toMatchObject({ why: 'expired', certificates: { current: made!.pair } })
    const announced = rotated(first, START + 61 * DAY)!.certificates
    expect(rotated(announced, START + 91 * DAY)!.certificates.current).toEqual(announced.next)
  })

  it('takes what is still served for current when the Secret is lost, and announces a new one', () => {
    const first = founded()
    const believed = first.authorities.join('')
    const restored = rotated(undefined, START + DAY, { served: first.current, believed })!.certificates
    expect(restored).toEqual({
      current: first.current,
      next: made!.pair,
      authorities: [made!.authority, ...first.authorities],
    })
  })

  it('leaves believed what other replicas may still serve, and takes no authority of others along', () => {
    const first = founded()
    const foreign = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    const again = rotated(undefined, START + DAY, { believed: `${foreign}${first.authorities.join('')}` })!.certificates
    expect(again).toEqual({
      current: made!.pair,
      next: undefined,
      authorities: [made!.authority, ...first.authorities],
    })
  })
})

describe('certificates in a Secret', () => {
  it('are read as they were written', () => {
    const first = founded()
    expect(readSecretTexts(secretTexts(first))).toEqual(first)
    const announced = rotated(first, START + 61 * DAY)!.certificates
    expect(readSecretTexts(secretTexts(announced))).toEqual(announced)
  })

  it('are none where the key is another, the authority is gone, or it is all damaged', () => {
    const [one, other] = [secretTexts(founded()), secretTexts(founded())]
    expect(readSecretTexts({ ...one, 'tls.key': other['tls.key']! })).toBeUndefined()
    expect(readSecretTexts({ ...one, 'ca.crt': other['ca.crt']! })).toBeUndefined()
    expect(readSecretTexts({ ...one, 'tls.crt': 'x' })).toBeUndefined()
    expect(readSecretTexts({})).toBeUndefined()
  })
})
