import { systemChance } from '../../src/base/chance.ts'
import { ALL_RULES } from '../../src/base/rules.ts'
import { Backlogs } from '../../src/cache/backlogs.ts'
import type { IncrementRequest } from '../../src/cache/cache.ts'
import { FlushRound } from '../../src/cache/flush-round.ts'
import type { KeyspacePolicy } from '../../src/keyspace/policy.ts'
import { backlogNames } from '../../src/store/backlog.ts'
import { FleetVersions } from '../../src/store/fleet-versions.ts'
import { packerIn } from '../../src/store/packing/packer-part.ts'
import { BacklogUnderTest } from '../contract/backlog-contract.ts'
import { RecordingLog } from '../rpc/recording-log.ts'
import { oneShard } from '../support/one-shard.ts'
import { nearRung, productPolicy, useCases } from '../support/use-cases.ts'
import { VersionedRows } from '../support/versioned-rows.ts'

export const LEASE_MS = 5_000
/** Longer than anything takes to be flushed by whoever is well. */
export const A_WHILE_MS = 2_000

/** Sidecars over one memory shard, with the table behind them: some flush, all can write. */
export async function backlogRig(changes: Partial<KeyspacePolicy> = {}, { batch = 100 } = {}) {
  const { clock, shard, store } = await oneShard()
  const rows = new VersionedRows(clock)
  const behind = { consistency: 'tolerant', writes: 'write-behind', maxBacklog: 1_000, near: false } as const
  const policy = productPolicy({ ...behind, ...changes })
  const log = new RecordingLog()
  const surroundings = {
    clock,
    chance: systemChance,
    store,
    origin: rows,
    policy,
    waitMs: 1_000,
    near: nearRung(clock),
  }
  const versions = new FleetVersions(clock, 1_000)
  const { cache, get, invalidate, otherVersions } = useCases({ ...surroundings, versions })
  const names = backlogNames('test')
  const flushers: Backlogs[] = []
  const keyOf = (key: string) => `test:product:v1::${key}`
  const backlog = new BacklogUnderTest(shard, { backlog: names.backlog, maxBacklog: 1_000 })
  const subjectOf = (key: string) => ({ keyspace: 'product', tenant: '', key })
  return {
    clock,
    shard,
    rows,
    log,
    names,
    versions,
    get,
    invalidate,
    add: (key: string, more: Partial<IncrementRequest> = {}) =>
      cache.increment({ keyspace: 'product', key, tenant: '', delta: 1n, initial: 0n, requestId: '', ...more }),
    write: (key: string, text: string) => backlog.put(keyOf(key), text, { subject: subjectOf(key) }),
    remove: (key: string) =>
      backlog.put(keyOf(key), '', { subject: subjectOf(key), kind: 'negative', value: Buffer.alloc(0) }),
    /** Another sidecar that flushes, from now on. */
    flusher: (origin = rows) => {
      const packer = packerIn({ clock, log })
      const parts = { store, otherVersions, clock, chance: systemChance, log, packer }
      const options = { names, policies: [policy], batchOf: () => batch, rules: ALL_RULES }
      const round = new FlushRound(options, { ...parts, origins: new Map([['scripted', origin]]) })
      const backlogs = new Backlogs({ names, leaseTtlMs: LEASE_MS }, { ...parts, round, shards: () => store.shards })
      flushers.push(backlogs)
      backlogs.start()
      return backlogs
    },
    /** What waits, seen by somebody who does not flush. */
    waiting: async () => (await backlog.take({ token: Buffer.alloc(16, 99) })).size,
    dead: async () =>
      (await new BacklogUnderTest(shard, { backlog: names.dead, maxBacklog: 0 }).take()).records.map(({ value }) =>
        value.toString(),
      ),
  }
}
