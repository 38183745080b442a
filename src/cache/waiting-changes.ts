import { grouped } from '../base/grouped.ts'
import { parseInt64 } from '../base/int64.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { OriginChange } from '../origin/origin.ts'
import { type BacklogRecord, type BacklogSubject, PENDING_MS } from '../store/backlog.ts'
import type { Shard } from '../store/shard.ts'

/** What is to become of one key at its origin: the last that was said of it, and all records that this settles. */
export interface WaitingChange {
  readonly policy: KeyspacePolicy
  readonly physicalKey: string
  readonly subject: BacklogSubject
  readonly ids: readonly string[]
  readonly last: BacklogRecord
  /** `undefined`: there is nothing to tell the origin any more. */
  readonly change: OriginChange | undefined
}

/**
 * The changes that records stand for, one for each key: of values the latest version, of counters the sum that they hold now.
 * Records of keyspaces that this sidecar does not know are left for those who do.
 */
export async function waitingChanges(
  shard: Shard,
  records: readonly BacklogRecord[],
  policyOf: (keyspace: string) => KeyspacePolicy | undefined,
): Promise<readonly WaitingChange[]> {
  const byKey = grouped(records, ({ physicalKey }) => physicalKey)
  const changes = [...byKey].map(async ([physicalKey, all]) => {
    const last = all.reduce((one, other) => (other.version > one.version ? other : one))
    const policy = policyOf(last.keyspace)
    if (policy === undefined) return []
    const { keyspace, tenant, key } = last
    const ids = all.map(({ id }) => id)
    const change = await changeOf(shard, last)
    return [{ policy, physicalKey, subject: { keyspace, tenant, key }, ids, last, change }]
  })
  return (await Promise.all(changes)).flat()
}

async function changeOf(shard: Shard, last: BacklogRecord): Promise<OriginChange | undefined> {
  const { key, version, value } = last
  switch (last.change) {
    case 'value':
      return { key, version, value }
    case 'deleted':
      return { key, version, deleted: true }
    case 'sum': {
      const { value: entry } = await shard.ask(last.physicalKey, 'get', () => ({ key: last.physicalKey }))
      // Whatever its epoch: what the shard has kept is what there is.
      if (entry === undefined || entry === 'malformed' || entry.hardAtMs !== PENDING_MS) return undefined
      if (parseInt64(entry.payload.toString()) === undefined) return undefined
      return { key, version: entry.version, value: Buffer.from(entry.payload) }
    }
  }
}
