import { describe, expect, it } from 'vitest'
import { HpackDecoder } from '../../../src/wire/hpack/hpack-decoder.ts'
import { HpackEncoder } from '../../../src/wire/hpack/hpack-encoder.ts'
import { encoded, fieldOf, tableOf } from './block.ts'

const hexOf = (encoder: HpackEncoder, fields: readonly string[]) => encoded(encoder, fields).toString('hex')

/** An encoder and its peer. */
function pair(tableBytes = 4_096) {
  const encoder = new HpackEncoder(tableBytes)
  const decoder = new HpackDecoder({ tableBytes: 65_536, listBytes: 65_536 })
  const send = (...fields: string[]): number => {
    const block = encoded(encoder, fields)
    expect(decoder.decode(block, 0, block.length)).toEqual(fields)
    return block.length
  }
  return { encoder, decoder, send }
}

describe('the encoder', () => {
  it('says a field in one byte when it comes again', () => {
    const { send } = pair()
    const fields = [':method', 'POST', ':path', '/ringside.v1.Cache/Get', 'te', 'trailers', 'grpc-status', '0']
    expect(send(...fields)).toBeGreaterThan(20)
    expect(send(...fields)).toBe(4)
  })

  it('finds a name again with another value, and each value of it', () => {
    const { send, decoder } = pair()
    send('x-shard', 'a', 'x-shard', 'b', 'x-shard', 'c')
    expect(send('x-shard', 'a')).toBe(1)
    expect(send('x-shard', 'b', 'x-shard', 'c')).toBe(2)
    expect(tableOf(decoder)).toHaveLength(3)
  })

  it.each([
    'authorization',
    'proxy-authorization',
    'x-goog-iam-authorization',
    'cookie',
    'set-cookie',
    'x-auth-token',
    'x-api-key',
    'grpc-status-details-bin',
  ])('never indexes %s', (name) => {
    const { encoder, send, decoder } = pair()
    for (let again = 0; again < 3; again += 1) send(name, 'secret')
    expect(tableOf(decoder)).toEqual([])
    const [first] = encoded(encoder, [name, 'secret'])
    expect((first as number) & 0xf0).toBe(0x10)
  })

  it('writes grpc-timeout anew each time', () => {
    const { encoder, send, decoder } = pair()
    for (let again = 0; again < 3; again += 1) send('grpc-timeout', '1S')
    expect(tableOf(decoder)).toEqual([])
    expect(hexOf(encoder, ['grpc-timeout', '1S'])).toBe('000c677270632d74696d656f7574023153')
  })

  it('keeps a long field out of the table', () => {
    const { send, decoder } = pair()
    send('grpc-message', 'x'.repeat(300))
    send('grpc-message', 'x'.repeat(300))
    expect(tableOf(decoder)).toEqual([])
  })

  it('lets ids that never come again fill half the table and push nothing out of it', () => {
    const { send } = pair()
    const path = [':path', '/ringside.v1.Cache/Get']
    send(...path)
    for (let id = 0; id < 1_000; id += 1) send('x-request-id', `id-${id}`)
    expect(send(...path)).toBe(1)
  })

  it('makes place for a field that comes again, however full the table is', () => {
    const { send } = pair()
    for (let id = 0; id < 1_000; id += 1) {
      send('x-request-id', `id-${id}`)
      send('x-request-id', `id-${id}`)
      expect(send('x-request-id', `id-${id}`)).toBe(1)
    }
  })

  it('signals a smaller table of its own before the first block', () => {
    expect(hexOf(new HpackEncoder(0), [':method', 'GET'])).toBe('2082')
    expect(hexOf(new HpackEncoder(256), [':method', 'GET'])).toBe('3fe10182')
    expect(hexOf(new HpackEncoder(65_536), [':method', 'GET'])).toBe('82')
  })

  it('uses no more than its own most of what the peer allows', () => {
    const encoder = new HpackEncoder(8_192)
    encoder.limit(65_536)
    expect(hexOf(encoder, [])).toBe('3fe13f')
    expect(hexOf(encoder, [])).toBe('')
  })

  it('signals a change of the limit once, and the smallest in between where it was below the last', () => {
    const { encoder, send, decoder } = pair()
    send('a', 'b')
    encoder.limit(100)
    encoder.limit(0)
    encoder.limit(200)
    expect(hexOf(encoder, [])).toBe('203fa901')
    expect(hexOf(encoder, [])).toBe('')
    expect(tableOf(decoder)).toEqual([['a', 'b']])
  })

  it('evicts with its peer what a limit in between has no room for', () => {
    const { encoder, decoder, send } = pair()
    send('a', 'b', 'c', 'd')
    encoder.limit(40)
    encoder.limit(4_096)
    send('e', 'f')
    expect(tableOf(decoder)).toEqual([
      ['e', 'f'],
      ['c', 'd'],
    ])
    send('c', 'd', 'a', 'b')
  })

  it('answers a lower limit even where its table was smaller all the time', () => {
    const encoder = new HpackEncoder(100)
    encoder.limit(4_096)
    expect(hexOf(encoder, [])).toBe('3f45')
    encoder.limit(1_000)
    expect(hexOf(encoder, [])).toBe('3f45')
  })

  it('refuses a buffer that may be too small, and is as it was before', () => {
    const { encoder, send } = pair()
    const fields = [':path', '/ringside.v1.Cache/Get', ...fieldOf('x-tenant', 60)]
    const bound = encoder.boundOf(fields)
    encoder.limit(1_000)
    expect(() => encoder.encode(fields, Buffer.alloc(bound - 1), 0)).toThrow(RangeError)
    expect(() => encoder.encode(fields, Buffer.alloc(bound + 9), 10)).toThrow(RangeError)
    send(...fields)
    expect(send(...fields)).toBe(2)
  })

  it('writes where it is told to and returns the position behind', () => {
    const out = Buffer.alloc(100, 0xaa)
    expect(new HpackEncoder().encode([':method', 'GET'], out, 7)).toBe(8)
    expect(out.subarray(6, 9).toString('hex')).toBe('aa82aa')
  })
})
