import { randomBytes } from 'node:crypto'
import { brotliCompressSync, crc32, deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { COMPRESSION_ALGORITHMS, type Compression } from '../../../src/keyspace/compression.ts'
import { CODECS } from '../../../src/store/packing/codecs.ts'
import { type PackedValue, Packer } from '../../../src/store/packing/packer.ts'
import { RecordingLog } from '../../rpc/recording-log.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const KEY = 'test:product:v1::1'
const MOST_BYTES = 1 << 20
const DEFLATE: Compression = { algorithm: 'deflate', aboveBytes: 100 }

function rig() {
  const clock = new ManualClock()
  const log = new RecordingLog()
  const packer = new Packer({ maxValueBytes: MOST_BYTES }, { clock, log })
  const stats = () => packer.stats.get('product')
  const unpack = async ({ payload: value, packed }: PackedValue) => (await packer.unpack(KEY, { value }, packed))?.value
  const pack = async (value: Buffer, compression = DEFLATE) => {
    const packed = await packer.pack(KEY, value, compression)
    if (packed === undefined) throw new Error('not packed')
    return packed
  }
  return { clock, log, packer, stats, pack, unpack }
}

/** Text of about so many bytes, as it is in caches. */
const jsonOf = (bytes: number) =>
  Buffer.from(JSON.stringify(Array.from({ length: Math.ceil(bytes / 40) }, (_, id) => ({ id, name: `product ${id}` }))))

const deflated = (value: Buffer) => ({ payload: deflateRawSync(value), packed: factsOf(value) })
const factsOf = (value: Buffer) => ({ codec: CODECS.deflate.number, bytes: value.length, checksum: crc32(value) })

describe('a packer', () => {
  const sizes = [200, 10_000, 100_000]
  it.each(COMPRESSION_ALGORITHMS.flatMap((algorithm) => sizes.map((bytes) => ({ algorithm, bytes }))))(
    'makes $bytes bytes smaller by $algorithm, and whole again',
    async ({ algorithm, bytes }) => {
      const { pack, unpack, stats } = rig()
      const value = jsonOf(bytes)
      const small = await pack(value, { algorithm, aboveBytes: 100 })
      expect(small.payload.length).toBeLessThan(value.length * 0.7)
      expect((await unpack(small))?.equals(value)).toBe(true)
      const counts = { packed: 1, kept: 0, bytesBefore: value.length, bytesAfter: small.payload.length, unpacked: 1 }
      expect(stats()).toEqual({ ...counts, corrupt: 0 })
    },
  )

  it('leaves values alone that are not above the size, and does not count them', async () => {
    const { packer, stats } = rig()
    const value = Buffer.alloc(100, 'a')
    expect(await packer.pack(KEY, value, DEFLATE)).toBeUndefined()
    expect(stats()).toBeUndefined()
    expect(await packer.pack(KEY, Buffer.alloc(101, 'a'), DEFLATE)).toBeDefined()
  })

  it.each([4_000, 40_000])('leaves %s bytes as they are that would hardly become fewer', async (bytes) => {
    const { packer, stats } = rig()
    const value = Buffer.concat([randomBytes(bytes), Buffer.alloc(bytes / 20)])
    expect(await packer.pack(KEY, value, DEFLATE)).toBeUndefined()
    expect(stats()).toMatchObject({ packed: 0, kept: 1, bytesBefore: 0, bytesAfter: 0 })
  })

  describe('makes nothing of', () => {
    const value = jsonOf(5_000)
    const whole = deflated(value)
    const flipped = Buffer.from(whole.payload)
    flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] as number) ^ 0x10
    const damaged: readonly [string, PackedValue][] = [
      ['a damaged payload', { ...whole, payload: flipped }],
      ['one that ends too soon', { ...whole, payload: whole.payload.subarray(0, 100) }],
      ['no payload', { ...whole, payload: Buffer.alloc(0) }],
      ['other bytes of the same length', { ...deflated(jsonOf(5_000).fill('x')), packed: whole.packed }],
      ['fewer bytes than were stored', { ...deflated(value.subarray(1)), packed: whole.packed }],
      ['what another codec has made', { ...whole, payload: brotliCompressSync(value) }],
      ['what a codec has made that is not known', { ...whole, packed: { ...whole.packed, codec: 77 } }],
    ]

    it.each(damaged)('%s, and counts it', async (_, packed) => {
      const { unpack, stats } = rig()
      expect(await unpack(packed)).toBeUndefined()
      expect(stats()).toMatchObject({ unpacked: 0, corrupt: 1 })
    })

    it.each([1_000, 100_000])('what becomes more than the %s bytes that it says', async (bytes) => {
      const { unpack, stats } = rig()
      const bomb = deflateRawSync(Buffer.alloc(50 << 20))
      const before = process.memoryUsage().arrayBuffers
      expect(await unpack({ payload: bomb, packed: { ...factsOf(Buffer.alloc(0)), bytes } })).toBeUndefined()
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 << 20)
      expect(stats()?.corrupt).toBe(1)
    })

    it('a value that is larger than values may be', async () => {
      const { unpack, stats } = rig()
      expect(await unpack(deflated(Buffer.alloc(MOST_BYTES + 1)))).toBeUndefined()
      expect((await unpack(deflated(Buffer.alloc(MOST_BYTES))))?.length).toBe(MOST_BYTES)
      expect(stats()).toMatchObject({ unpacked: 1, corrupt: 1 })
    })
  })

  it('says once a minute and keyspace that it could not make anything of values, without a key or a value', async () => {
    const { clock, log, unpack } = rig()
    const damaged = { ...deflated(jsonOf(500)), payload: Buffer.from('secret') }
    await unpack(damaged)
    await unpack(damaged)
    expect(log.lines).toHaveLength(1)
    expect(JSON.stringify(log.lines)).not.toMatch(/secret|::1/)
    await clock.advance(60_001)
    await unpack(damaged)
    expect(log.lines).toHaveLength(2)
  })

  it('does small values at once, and aside what of them is too much for one turn of the event loop', async () => {
    const { packer } = rig()
    let done = 0
    const one = () => packer.pack(KEY, jsonOf(10_000), DEFLATE).then(() => (done += 1))
    const all = Array.from({ length: 20 }, one)
    // What is done aside cannot end before the loop has turned.
    for (let tick = 0; tick < 50; tick += 1) await Promise.resolve()
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(12)
    await Promise.all(all)
    const next = Array.from({ length: 2 }, one)
    for (let tick = 0; tick < 50; tick += 1) await Promise.resolve()
    expect(done).toBe(22)
    await Promise.all(next)
  })
})
