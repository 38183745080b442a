import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HpackDecoder } from '../../../src/wire/hpack/hpack-decoder.ts'
import { HpackEncoder } from '../../../src/wire/hpack/hpack-encoder.ts'
import { HpackError } from '../../../src/wire/hpack/hpack-error.ts'
import { encoded } from './block.ts'

const LIST_BYTES = 1_000

const octets = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'))

/** Few names and values, so that fields come again, and some of any kind. */
const field = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(
      fc.constantFrom(':method', ':status', ':path', 'te', 'x-shard', 'grpc-timeout', 'authorization', 'trace-bin'),
      fc.constantFrom('', 'POST', '200', '/a', 'b', 'x'.repeat(60)),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(octets(20), octets(40)) },
  { weight: 1, arbitrary: fc.tuple(octets(300), octets(300)) },
)
const fields = fc.array(field, { maxLength: 12 }).map((list) => list.flat())
const limit = fc.oneof(fc.nat(300), fc.constantFrom(0, 4_096, 65_536))
const step = fc.oneof({ weight: 3, arbitrary: fc.record({ fields }) }, { weight: 1, arbitrary: fc.record({ limit }) })

function blocksOf(lists: readonly string[][]): Buffer[] {
  const encoder = new HpackEncoder()
  return lists.map((list) => Buffer.from(encoded(encoder, list)))
}

const costOf = (list: readonly string[]): number => list.reduce((sum, text) => sum + text.length, 0) + 16 * list.length

/** Decodes until the first refusal, which has to be an HpackError; no answer may cost more than the limit. */
function decodeAll(blocks: readonly Buffer[]): void {
  const decoder = new HpackDecoder({ tableBytes: 4_096, listBytes: LIST_BYTES })
  for (const block of blocks) {
    try {
      const list = decoder.decode(block, 0, block.length)
      if (list !== 'too-large') expect(costOf(list)).toBeLessThanOrEqual(LIST_BYTES)
    } catch (error) {
      expect(error).toBeInstanceOf(HpackError)
      return
    } finally {
      expect(decoder.tableBytes).toBeLessThanOrEqual(4_096)
    }
  }
}

describe('header blocks', () => {
  it('come out as they went in, whatever limits the peer announces in between', () => {
    fc.assert(
      fc.property(limit, fc.array(step, { maxLength: 30 }), (most, steps) => {
        const encoder = new HpackEncoder(most)
        const decoder = new HpackDecoder({ tableBytes: 65_536, listBytes: 1_000_000 })
        for (const one of steps) {
          if ('limit' in one) {
            encoder.limit(one.limit)
            continue
          }
          const block = encoded(encoder, one.fields)
          expect(decoder.decode(block, 0, block.length)).toEqual(one.fields)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('mean the same again at the same generation', () => {
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 10 }), (lists) => {
        const decoder = new HpackDecoder({ tableBytes: 4_096, listBytes: 1_000_000 })
        for (const block of blocksOf(lists)) {
          const before = decoder.generation
          const first = decoder.decode(block, 0, block.length)
          if (decoder.generation === before) expect(decoder.decode(block, 0, block.length)).toEqual(first)
        }
      }),
    )
  })

  it('are too large exactly when their cost is above the limit', () => {
    fc.assert(
      fc.property(fields, (list) => {
        const decoder = new HpackDecoder({ tableBytes: 4_096, listBytes: LIST_BYTES })
        const [block] = blocksOf([list]) as [Buffer]
        expect(decoder.decode(block, 0, block.length)).toEqual(costOf(list) > LIST_BYTES ? 'too-large' : list)
      }),
    )
  })

  it('of random bytes are decoded or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (blocks) => {
        decodeAll(blocks.map((bytes) => Buffer.from(bytes)))
      }),
      { numRuns: 3_000 },
    )
  })

  it('with wrong, missing or additional bytes are decoded or refused, and nothing else', () => {
    const change = fc.record({ at: fc.nat(400), byte: fc.nat(255), how: fc.constantFrom('set', 'cut', 'insert') })
    fc.assert(
      fc.property(
        fc.array(fields, { minLength: 1, maxLength: 6 }),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (lists, changes) => {
          const blocks = blocksOf(lists)
          for (const { at, byte, how } of changes) {
            const which = byte % blocks.length
            const block = blocks[which] as Buffer
            const [head, tail] = [block.subarray(0, at), block.subarray(at + (how === 'set' ? 1 : 0))]
            blocks[which] = how === 'cut' ? head : Buffer.concat([head, Buffer.of(byte), tail])
          }
          decodeAll(blocks)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
