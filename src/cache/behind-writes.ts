import { RingsideError } from '../base/errors.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { BacklogPlace, BacklogSubject } from '../store/backlog.ts'
import type { Tier } from '../store/tier.ts'
import { NO_BYTES } from './landing.ts'
import type { OwnChanges } from './own-changes.ts'
import type { ReadTally } from './read-tally.ts'
import type { Target } from './write-path.ts'

export interface BehindWritesParts {
  /** The name of the backlog on each shard. */
  readonly backlog: string
  readonly store: Tier
  readonly changes: OwnChanges
  readonly tally: ReadTally
}

/** When a caller may find room again in a backlog that is full. */
const ROOM_AFTER_MS = 1_000

/** Writes of which the origin hears later: the entry and its record in the backlog are one step. */
export class BehindWrites {
  readonly #parts: BehindWritesParts

  constructor(parts: BehindWritesParts) {
    this.#parts = parts
  }

  /** Resolves with the version. `value`: `undefined` = it is deleted. Rejects with `BACKLOG_FULL` or `SHARD_UNAVAILABLE`. */
  async write({ policy, physicalKey }: Target, subject: BacklogSubject, value: Buffer | undefined): Promise<number> {
    const { store, changes, tally } = this.#parts
    const put = {
      key: physicalKey,
      ...this.place(policy, subject),
      kind: value === undefined ? 'negative' : 'value',
      value: value ?? NO_BYTES,
    } as const
    const stored = await changes.make(physicalKey, () =>
      store.home(physicalKey).change(physicalKey, 'putBehind', (now) => ({ ...put, ...now })),
    )
    if (stored.outcome !== 'stored') throw backlogFull(policy)
    if (value !== undefined) tally.stored(policy.name, value.length)
    return stored.version
  }

  /** Where changes of a keyspace wait. */
  place(policy: KeyspacePolicy, { keyspace, tenant, key }: BacklogSubject): BacklogPlace {
    return { backlog: this.#parts.backlog, maxBacklog: policy.maxBacklog, subject: { keyspace, tenant, key } }
  }
}

export function backlogFull({ name, maxBacklog }: KeyspacePolicy): RingsideError {
  const message = `keyspace ${name}: ${maxBacklog} changes wait for their origins on the shard of this key; retry later`
  return new RingsideError('BACKLOG_FULL', message, { retryAfterMs: ROOM_AFTER_MS, metadata: { keyspace: name } })
}
