import type { CopyCount } from '../../hotkey/hot-list.ts'
import type { HeatCandidate, HeatDecision, HeatNews, HeatReport, HotKey } from '../heat.ts'
import type { Argument } from './redis-pipeline.ts'

const FACTS_OF_A_DECISION = 5
const FACTS_OF_A_KEY = 7

/** A candidate besides its name: the end of that, three counts, and how many copies it may have. */
const CANDIDATE_BYTES = 1 + 3 * 4 + 2
const HEAD_BYTES = 8 + 8 + 1
const LARGEST_COUNT = 0xffff_ffff
const LARGEST_MOST = 0xffff

export function heatArguments(report: HeatReport): readonly Argument[] {
  const { leastRate, target, known } = report
  return [leastRate, target, known, packed(report)]
}

/** What is told, in a form that can be put down as it is: see `scripts/heat.lua`. */
function packed({ shardReads, meanReads, candidates }: HeatReport): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeDoubleBE(shardReads, 0)
  head.writeDoubleBE(meanReads, 8)
  head.writeUInt8(candidates.length, 16)
  return Buffer.concat([head, ...candidates.map(packedCandidate)])
}

function packedCandidate({ key, reads, shardReads, writes, most }: HeatCandidate): Buffer {
  const length = Buffer.byteLength(key)
  const bytes = Buffer.alloc(length + CANDIDATE_BYTES)
  bytes.write(key)
  let at = length + 1
  for (const count of [reads, shardReads, writes]) at = bytes.writeUInt32BE(Math.min(count, LARGEST_COUNT), at)
  bytes.writeUInt16BE(Math.min(most, LARGEST_MOST), at)
  return bytes
}

export function newsIn([version, isKnown, lines, told]: readonly unknown[]): HeatNews {
  const copies = Number(isKnown) === 1 ? undefined : copiesIn(String(lines))
  return { version: String(version), copies, decided: decisionsIn(told as readonly unknown[]) }
}

/** Lines of a count and a key, which may have spaces itself. */
function copiesIn(lines: string): readonly CopyCount[] {
  const rows = lines.split('\n').slice(0, -1)
  return rows.map((row) => ({ key: row.slice(row.indexOf(' ') + 1), copies: Number.parseInt(row, 10) }))
}

function decisionsIn(told: readonly unknown[]): readonly HeatDecision[] {
  return groups(told, FACTS_OF_A_DECISION).map(([key, from, to, rate, share]) => ({
    key: String(key),
    from: Number(from),
    to: Number(to),
    readsPerSecond: Number(rate),
    share: Number(share),
  }))
}

export function hotKeysIn(told: readonly unknown[]): readonly HotKey[] {
  return groups(told, FACTS_OF_A_KEY).map(([key, reads, shardReads, writes, share, copies, sinceMs]) => ({
    key: String(key),
    readsPerSecond: Number(reads),
    shardReadsPerSecond: Number(shardReads),
    writesPerSecond: Number(writes),
    share: Number(share),
    copies: Number(copies),
    sinceMs: Number(sinceMs),
  }))
}

function groups(flat: readonly unknown[], size: number): readonly (readonly unknown[])[] {
  return Array.from({ length: flat.length / size }, (_, place) => flat.slice(place * size, (place + 1) * size))
}
