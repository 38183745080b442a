import type { TagRef } from '../base/tag-ref.ts'

/** Epoch (8), moment in µs (8), length of the name (2), all big-endian; the name in UTF-8 follows. */
const HEAD_BYTES = 18

export function encodeTagRefs(refs: readonly TagRef[]): Buffer {
  const names = refs.map(({ tag }) => Buffer.from(tag))
  const bytes = Buffer.allocUnsafe(names.reduce((sum, name) => sum + HEAD_BYTES + name.length, 0))
  let at = 0
  for (const [place, { epoch, sinceUs }] of refs.entries()) {
    const name = names[place] as Buffer
    bytes.writeBigUInt64BE(BigInt(epoch), at)
    bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(sinceUs))), at + 8)
    bytes.writeUInt16BE(name.length, at + 16)
    at += HEAD_BYTES + name.copy(bytes, at + HEAD_BYTES)
  }
  return bytes
}

/** `undefined` for bytes that make no sense: nobody can tell whether what carries them still counts. */
export function decodeTagRefs(bytes: Buffer): readonly TagRef[] | undefined {
  const refs: TagRef[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + HEAD_BYTES > bytes.length) return undefined
    const end = at + HEAD_BYTES + bytes.readUInt16BE(at + 16)
    if (end > bytes.length) return undefined
    const tag = bytes.toString('utf8', at + HEAD_BYTES, end)
    refs.push({ tag, epoch: Number(bytes.readBigUInt64BE(at)), sinceUs: Number(bytes.readBigUInt64BE(at + 8)) })
    at = end
  }
  return refs
}
