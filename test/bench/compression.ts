import * as zlib from 'node:zlib'
import { CODECS } from '../../src/store/packing/codecs.ts'
import { SeededChance } from '../torture/seeded-chance.ts'
import type { Check } from './check.ts'
import { median } from './run.ts'
import { table } from './table.ts'

const SIZES_KIB = [2, 4, 8, 16, 32, 64]
const ROUNDS = 9
const WORDS = [
  'alpha',
  'beta',
  'warehouse',
  'blue',
  'green',
  'large',
  'small',
  'cotton',
  'lamp',
  'desk',
  'light',
  'new',
]

interface Way {
  readonly name: string
  readonly pack: (value: Buffer) => Buffer
  readonly unpack: (payload: Buffer, most: number) => Buffer
}

const level = (quality: number) => ({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: quality } })
const brotliAt = (quality: number): Way => ({
  name: `brotli ${quality}`,
  pack: (value) => zlib.brotliCompressSync(value, level(quality)),
  unpack: CODECS.brotli.unpack,
})
const deflateAt = (quality: number): Way => ({
  name: `deflate ${quality}`,
  pack: (value) => zlib.deflateRawSync(value, { level: quality }),
  unpack: CODECS.deflate.unpack,
})
const WAYS: readonly Way[] = [
  { name: '`deflate`', ...CODECS.deflate },
  deflateAt(3),
  deflateAt(6),
  brotliAt(1),
  { name: '`brotli`', ...CODECS.brotli },
  brotliAt(6),
]

/** A list of articles as a shop has it, of about so many bytes: identifiers that never repeat, words that often do. */
function articles(bytes: number): Buffer {
  const chance = new SeededChance(bytes)
  const pick = (most: number) => Math.floor(chance.uniform() * most)
  const items: object[] = []
  for (let length = 0; length < bytes; length += 190) {
    items.push({
      id: chance.bytes(16).toString('hex'),
      sku: chance.bytes(5).toString('hex'),
      price: pick(100_000) / 100,
      stock: pick(500),
      name: `${WORDS[pick(WORDS.length)]} ${WORDS[pick(WORDS.length)]}`,
      tags: [WORDS[pick(WORDS.length)], WORDS[pick(WORDS.length)]],
      updated: new Date(1.7e12 + pick(1e10)).toISOString(),
    })
  }
  return Buffer.from(JSON.stringify({ items })).subarray(0, bytes)
}

/** Of each piece of work its microseconds, measured in turns, so that what else the machine does is shared by all. */
function microsecondsOf(works: readonly (() => unknown)[], runs: number): number[] {
  const rounds = works.map(() => [] as number[])
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, work] of works.entries()) {
      const begunAt = performance.now()
      for (let run = 0; run < runs; run += 1) work()
      rounds[index]?.push(((performance.now() - begunAt) * 1_000) / runs)
    }
  }
  return rounds.map(median)
}

/** For how long the event loop is taken by one value that is unpacked on a thread of its own. */
async function asideMicroseconds(payload: Buffer, bytes: number): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS * 20; round += 1) {
    const before = performance.eventLoopUtilization()
    await CODECS.deflate.unpackAside(payload, bytes)
    rounds.push(performance.eventLoopUtilization(before).active * 1_000)
  }
  return median(rounds)
}

/** What compression saves and costs, by size and by algorithm. */
export async function compressionBenchmark(): Promise<{ text: string; checks: Check[] }> {
  const rows = [['JSON', 'by', 'of its size', 'pack / deflate', 'unpack / deflate', 'pack µs', 'unpack µs']]
  const loop = [['JSON', 'unpacked at once, µs', 'event loop of one aside, µs', 'aside / at once']]
  for (const kib of SIZES_KIB) {
    const value = articles(kib << 10)
    const packed = WAYS.map((way) => way.pack(value))
    const runs = Math.max(20, 400 / kib)
    const packs = microsecondsOf(
      WAYS.map((way) => () => way.pack(value)),
      runs,
    )
    const unpacks = microsecondsOf(
      WAYS.map((way, index) => () => way.unpack(packed[index] as Buffer, value.length)),
      runs,
    )
    for (const [index, { name }] of WAYS.entries()) {
      const [pack, unpack] = [packs[index] as number, unpacks[index] as number]
      const share = ((packed[index] as Buffer).length / value.length) * 100
      const ratios = [pack / (packs[0] as number), unpack / (unpacks[0] as number)].map((ratio) => ratio.toFixed(2))
      rows.push([`${kib} KiB`, name, `${share.toFixed(0)} %`, ...ratios, pack.toFixed(0), unpack.toFixed(0)])
    }
    const [once, aside] = [unpacks[0] as number, await asideMicroseconds(packed[0] as Buffer, value.length)]
    loop.push([`${kib} KiB`, once.toFixed(0), aside.toFixed(0), (aside / once).toFixed(2)])
  }
  return { text: `${table(rows)}\n\n${table(loop)}`, checks: [] }
}
