import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import type { CompressionAlgorithm } from '../../keyspace/compression.ts'

/** One way to compress, at once or on a thread of its own. Throws or rejects for what it cannot make sense of. */
export interface Codec {
  /** As it is stored; never given to another. */
  readonly number: number
  readonly pack: (value: Buffer) => Buffer
  readonly packAside: (value: Buffer) => Promise<Buffer>
  /** Makes at most `most` bytes of it: what would become more is refused before they are there. */
  readonly unpack: (payload: Buffer, most: number) => Buffer
  readonly unpackAside: (payload: Buffer, most: number) => Promise<Buffer>
}

const bounded = (most: number) => ({ maxOutputLength: most })

/** Higher levels cost up to three times as much for a twentieth fewer bytes; see `docs/benchmarks.md`. */
const DEFLATE: zlib.ZlibOptions = { level: 1 }
const deflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw)
const inflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflateRaw)

/** Below it brotli is no smaller than deflate, above it takes far longer. */
const BROTLI_QUALITY = 4
const brotli = (value: Buffer): zlib.BrotliOptions => ({
  params: {
    [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: value.length,
  },
})
const brotliCompress = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)
const brotliDecompress = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress)

export const CODECS: Readonly<Record<CompressionAlgorithm, Codec>> = {
  deflate: {
    number: 1,
    pack: (value) => zlib.deflateRawSync(value, DEFLATE),
    packAside: (value) => deflate(value, DEFLATE),
    unpack: (payload, most) => zlib.inflateRawSync(payload, bounded(most)),
    unpackAside: (payload, most) => inflate(payload, bounded(most)),
  },
  brotli: {
    number: 2,
    pack: (value) => zlib.brotliCompressSync(value, brotli(value)),
    packAside: (value) => brotliCompress(value, brotli(value)),
    unpack: (payload, most) => zlib.brotliDecompressSync(payload, bounded(most)),
    unpackAside: (payload, most) => brotliDecompress(payload, bounded(most)),
  },
}

/** `undefined` for one that a later version may have brought. */
export function codecOf(number: number): Codec | undefined {
  return Object.values(CODECS).find((codec) => codec.number === number)
}
