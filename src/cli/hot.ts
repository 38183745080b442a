import { formatDuration } from '../base/duration.ts'
import type { HotKey__Output } from '../gen/ringside/v1/HotKey.ts'
import type { HotKeysResponse__Output } from '../gen/ringside/v1/HotKeysResponse.ts'
import { askSidecar } from './ask-sidecar.ts'
import type { SidecarAddress } from './sidecar-address.ts'

export interface HotArguments {
  /** Only its keys; empty = all. */
  readonly keyspace: string
  /** As JSON rather than as a table. */
  readonly json: boolean
  readonly at: SidecarAddress
}

const LIMIT = 50
const HEADINGS = ['reads/s', 'at shards/s', 'writes/s', 'of its shard', 'copies', 'for', 'own reads/s', 'key']

/** Asks a running sidecar for the hottest keys. Rejects with what the sidecar or gRPC said. */
export async function hotReport({ keyspace, json, at }: HotArguments, wall: number): Promise<string> {
  const call = { service: 'ringside.v1.Admin', method: 'HotKeys', request: { keyspace, limit: LIMIT }, at }
  const { keys } = await askSidecar<HotKeysResponse__Output>(call)
  return json ? JSON.stringify(keys, undefined, 2) : hotTable(keys, wall)
}

/** One line a key; `wall`: Unix milliseconds. */
export function hotTable(keys: readonly HotKey__Output[], wall: number): string {
  const rows = [HEADINGS, ...keys.map((key) => rowOf(key, wall))]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const last = HEADINGS.length - 1
  return rows
    .map((row) => row.map((cell, column) => (column === last ? cell : cell.padStart(widths[column]!))).join('  '))
    .join('\n')
}

function rowOf(hot: HotKey__Output, wall: number): string[] {
  const since = Number(hot.copied_since_unix_ms)
  return [
    hot.reads_per_second.toFixed(1),
    hot.shard_reads_per_second.toFixed(1),
    hot.writes_per_second.toFixed(1),
    `${(100 * hot.shard_share).toFixed(1)} %`,
    String(hot.copies),
    since === 0 ? '-' : formatDuration(Math.max(0, Math.round((wall - since) / 1_000) * 1_000)),
    hot.own_reads_per_second.toFixed(1),
    `${[hot.keyspace, hot.tenant, hot.key].filter((part) => part !== '').join(' ')}`,
  ]
}
