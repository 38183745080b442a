import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../src/base/address.ts'

describe('an address', () => {
  it.each([
    ['127.0.0.1:7400', { host: '127.0.0.1', port: 7400 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
  ])('reads %s and shows it the same', (text, value) => {
    expect(parseAddress(text)).toEqual({ ok: true, value })
    expect(formatAddress(value)).toBe(text)
  })

  it.each(['', '127.0.0.1', ':7400', '7400', '::1:7400', 'host:', 'host:port', 'host:-1', 'a b:1', 'host:123456'])(
    'refuses %j',
    (text) => {
      expect(parseAddress(text)).toMatchObject({ ok: false, why: expect.stringContaining('host:port') })
    },
  )

  it('refuses a port above 65535', () => {
    expect(parseAddress('host:65536')).toMatchObject({ ok: false, why: expect.stringContaining('port above 65535') })
  })
})
