import { describe, expect, it } from 'vitest'
import { checkTrailers, requestHead } from '../../../src/wire/grpc/request-head.ts'
import { PROTOCOL_ERROR } from '../../../src/wire/http2/fault.ts'

const PSEUDO = [':method', 'POST', ':scheme', 'http', ':path', '/s/M']

describe('the fields of a request (RFC 9113, section 8.2.1)', () => {
  it.each([
    ['a value with an end of line', 'x-key', 'a\nb'],
    ['a value with a carriage return', 'x-key', 'a\rb'],
    ['a value with an end of string', 'x-key', 'a\0b'],
    ['a name with capitals', 'X-Key', 'a'],
    ['a name with a space', 'x key', 'a'],
    ['a name with a colon', 'x:key', 'a'],
    ['a name beyond ASCII', 'x-k\u00e9y', 'a'],
    ['no name', '', 'a'],
  ])('are refused for %s, as trailers are', (_, name, value) => {
    expect(() => requestHead(7, [...PSEUDO, name, value])).toThrow(
      expect.objectContaining({ stream: 7, code: PROTOCOL_ERROR }),
    )
    expect(() => checkTrailers(7, [name, value])).toThrow(expect.objectContaining({ stream: 7, code: PROTOCOL_ERROR }))
  })

  it('are refused for a path with an end of line', () => {
    expect(() => requestHead(7, [...PSEUDO.slice(0, 4), ':path', '/s/M\r\n'])).toThrow(
      expect.objectContaining({ stream: 7, code: PROTOCOL_ERROR }),
    )
  })

  it('may have every visible character in a value, and every one that a name can have', () => {
    const name = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
    expect(requestHead(7, [...PSEUDO, name, ' a\tb\u00e9'])).toMatchObject({ path: '/s/M' })
  })
})
