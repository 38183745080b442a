import type { Chance } from '../base/chance.ts'

/**
 * One unbroken life of a shard's memory: a random number, kept to 53 of its 64 bits so that it is exact in JavaScript.
 * 0 is no epoch.
 */
export type Epoch = number

export const EPOCH_BYTES = 8

export function newEpoch(chance: Chance): Epoch {
  const bytes = chance.bytes(EPOCH_BYTES)
  return (bytes.readUInt32BE(0) % 0x20_0000) * 0x1_0000_0000 + bytes.readUInt32BE(4)
}

/** Epochs as the shards keep them, one behind the other. */
export function encodeEpochs(...epochs: readonly Epoch[]): Buffer {
  const bytes = Buffer.allocUnsafe(epochs.length * EPOCH_BYTES)
  for (const [index, epoch] of epochs.entries()) bytes.writeBigUInt64BE(BigInt(epoch), index * EPOCH_BYTES)
  return bytes
}

export function decodeEpochs(bytes: Buffer): readonly Epoch[] {
  return Array.from({ length: Math.floor(bytes.length / EPOCH_BYTES) }, (_, index) =>
    Number(bytes.readBigUInt64BE(index * EPOCH_BYTES)),
  )
}
