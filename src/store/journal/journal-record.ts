import { crc32 } from 'node:zlib'

/** Why a journal does not know any more which keys have to be invalidated. */
export type JournalLoss = 'full' | 'damaged' | 'missing'

/** What stands in a journal: a key that has to be invalidated, or that everything has to be. */
export type JournalRecord =
  | { readonly kind: 'key'; readonly key: string; readonly holdMs: number }
  | { readonly kind: 'everything'; readonly why: JournalLoss }

export type JournalScan =
  /** `torn`: the last record was being written when the process ended, so nobody had been told of it. */
  { readonly state: 'whole' | 'torn'; readonly records: readonly JournalRecord[] } | { readonly state: 'damaged' }

/** The first bytes of every journal: what it is, and in which format. */
export const JOURNAL_MAGIC = Buffer.from('RSJRNL1\n')

/** Length of the body, CRC-32 of that length, CRC-32 of the body. */
const HEAD_BYTES = 12
/** Kind, and for how long the key is to be held, in ms. */
const BODY_HEAD_BYTES = 5
const KEY = 1
const EVERYTHING = 2
const LONGEST_HOLD_MS = 0xffff_ffff
const LOSSES: readonly JournalLoss[] = ['full', 'damaged', 'missing']

export function encodeJournalRecord(record: JournalRecord): Buffer {
  const text = Buffer.from(record.kind === 'key' ? record.key : record.why)
  const body = Buffer.allocUnsafe(BODY_HEAD_BYTES + text.length)
  body.writeUInt8(record.kind === 'key' ? KEY : EVERYTHING)
  body.writeUInt32BE(record.kind === 'key' ? Math.min(LONGEST_HOLD_MS, Math.ceil(record.holdMs)) : 0, 1)
  text.copy(body, BODY_HEAD_BYTES)
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.writeUInt32BE(body.length)
  head.writeUInt32BE(crc32(head.subarray(0, 4)), 4)
  head.writeUInt32BE(crc32(body), 8)
  return Buffer.concat([head, body])
}

/**
 * Reads a journal. The length of a record has a checksum of its own: a damaged one would otherwise reach over the end of
 * the file and pass for the torn record there, together with all that it had swallowed.
 */
export function scanJournal(bytes: Buffer): JournalScan {
  if (!bytes.subarray(0, JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC)) return { state: 'damaged' }
  const records: JournalRecord[] = []
  for (let at = JOURNAL_MAGIC.length; at < bytes.length; ) {
    if (at + HEAD_BYTES > bytes.length) return { state: 'torn', records }
    if (crc32(bytes.subarray(at, at + 4)) !== bytes.readUInt32BE(at + 4)) return { state: 'damaged' }
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at)
    if (end > bytes.length) return { state: 'torn', records }
    const body = bytes.subarray(at + HEAD_BYTES, end)
    const record = crc32(body) === bytes.readUInt32BE(at + 8) ? decodeBody(body) : undefined
    if (record === undefined) return { state: 'damaged' }
    records.push(record)
    at = end
  }
  return { state: 'whole', records }
}

function decodeBody(body: Buffer): JournalRecord | undefined {
  if (body.length < BODY_HEAD_BYTES) return undefined
  const text = body.toString('utf8', BODY_HEAD_BYTES)
  if (body[0] === KEY) return { kind: 'key', key: text, holdMs: body.readUInt32BE(1) }
  const why = body[0] === EVERYTHING ? LOSSES.find((loss) => loss === text) : undefined
  return why && { kind: 'everything', why }
}
