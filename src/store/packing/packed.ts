/** What is known of a payload that is stored compressed. */
export interface Packed {
  /** The number of the codec; see `codecs.ts`. */
  readonly codec: number
  /** How many bytes it has uncompressed. */
  readonly bytes: number
  /** CRC-32 of those bytes: not every codec notices what was damaged. */
  readonly checksum: number
}

export const PACKED_BYTES = 9

/** As it is stored: codec (1), bytes (4), checksum (4). */
export function encodePacked({ codec, bytes, checksum }: Packed): Buffer {
  const raw = Buffer.allocUnsafe(PACKED_BYTES)
  raw.writeUInt8(codec, 0)
  raw.writeUInt32BE(bytes, 1)
  raw.writeUInt32BE(checksum, 5)
  return raw
}

export function decodePacked(raw: Buffer): Packed {
  return { codec: raw.readUInt8(0), bytes: raw.readUInt32BE(1), checksum: raw.readUInt32BE(5) }
}
