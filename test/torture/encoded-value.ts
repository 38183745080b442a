import type { Seen } from '../simulation/history.ts'

/** Bytes that say whose they are and which state they show, filled up to sizes that differ. */
export function encodeValue(keyspace: string, key: string, mark: number): Buffer {
  return Buffer.from(`${keyspace}/${key}#${mark}#${'.'.repeat((mark * 37) % 300)}`)
}

export function decodeValue(keyspace: string, key: string, bytes: Buffer): Seen {
  const text = bytes.toString()
  const mark = Number(text.split('#')[1] ?? Number.NaN)
  if (Number.isSafeInteger(mark) && encodeValue(keyspace, key, mark).equals(bytes)) return { kind: 'value', mark }
  return { kind: 'foreign', text }
}
