import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemChance } from '../../../src/base/chance.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { integer, oid, time } from '../../../src/injector/certs/der.ts'
import { newGeneration } from '../../../src/injector/certs/generation.ts'
import { readPair } from '../../../src/injector/certs/key-pair.ts'

const NAMES = ['ringside-injector.ringside-system.svc', 'ringside-injector.ringside-system']

describe('a certificate of our own making', () => {
  const now = systemClock.wall()
  const { authority, pair } = newGeneration(NAMES, now, systemChance)
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringside-certs-'))
    writeFileSync(join(folder, 'ca.crt'), authority)
    writeFileSync(join(folder, 'tls.crt'), pair.cert)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' })

  it('is verified by OpenSSL in its strict form, for a server of that name and nothing else', () => {
    const verify = (...args: string[]) => openssl('verify', '-x509_strict', '-CAfile', 'ca.crt', ...args, 'tls.crt')
    expect(verify('-purpose', 'sslserver', '-verify_hostname', NAMES[0] as string)).toContain('tls.crt: OK')
    expect(() => verify('-purpose', 'sslclient')).toThrow('unsuitable certificate purpose')
    expect(() => verify('-verify_hostname', 'elsewhere.svc')).toThrow('hostname mismatch')
    expect(openssl('verify', '-x509_strict', '-CAfile', 'ca.crt', 'ca.crt')).toContain('ca.crt: OK')
  })

  it('is read by Node.js with its names, its life and its key', () => {
    const read = new X509Certificate(pair.cert)
    expect(read.subjectAltName).toBe(NAMES.map((name) => `DNS:${name}`).join(', '))
    expect(read.ca).toBe(false)
    expect(new X509Certificate(authority).ca).toBe(true)
    expect(read.checkIssued(new X509Certificate(authority))).toBe(true)
    const life = readPair(pair)
    expect(life!.untilMs - life!.fromMs).toBe(90 * 86_400_000 + 3_600_000)
  })

  it('is not verified by the authority of another', () => {
    const other = newGeneration(NAMES, now, systemChance)
    expect(new X509Certificate(pair.cert).checkIssued(new X509Certificate(other.authority))).toBe(false)
    expect(readPair({ cert: pair.cert, key: other.pair.key })).toBeUndefined()
  })

  it('may live beyond 2050, where the century is written out', () => {
    const late = newGeneration(NAMES, Date.parse('2060-06-01T12:00:00Z'), systemChance)
    expect(new X509Certificate(late.pair.cert).validFrom).toBe('Jun  1 11:00:00 2060 GMT')
  })
})

describe('DER', () => {
  it('has whole numbers in their shortest form, none of them negative', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), fc.nat(3), (number, zeros) => {
        const hex = number.toString(16)
        const bytes = Buffer.from(`${'00'.repeat(zeros)}${hex.length % 2 === 1 ? '0' : ''}${hex}`, 'hex')
        const der = integer(bytes)
        const content = der.subarray(2)
        expect(der[1]).toBe(content.length)
        expect(BigInt(`0x${content.toString('hex')}`)).toBe(number)
        expect(content[0]! & 0x80).toBe(0)
        expect(content.length > 1 && content[0] === 0 && (content[1]! & 0x80) === 0).toBe(false)
      }),
    )
  })

  it('has identifiers and moments as they are written elsewhere', () => {
    expect(oid('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302')
    expect(time(Date.parse('2026-11-27T07:08:09.999Z')).subarray(2).toString()).toBe('261127070809Z')
    expect(time(Date.parse('2050-01-01T00:00:00Z')).subarray(2).toString()).toBe('20500101000000Z')
  })
})
