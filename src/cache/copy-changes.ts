import type { Log } from '../base/log.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { HeatDecision } from '../store/heat.ts'

/**
 * Changes of the number of copies that a report of this sidecar brought about: each is told to one sidecar of the fleet, so
 * that there is one event in all their logs, and the sum over all counts it once.
 */
export class CopyChanges {
  /** Keys that got more copies, and that lost some, since the start. */
  readonly counts = { promoted: 0, demoted: 0 }
  readonly #keyspaces: Keyspaces
  readonly #log: Log

  constructor(keyspaces: Keyspaces, log: Log) {
    this.#keyspaces = keyspaces
    this.#log = log
  }

  /** What a report to this shard brought about. */
  readonly decided = (shard: string, decisions: readonly HeatDecision[]): void => {
    for (const { key: physicalKey, from, to, readsPerSecond, share } of decisions) {
      const change = to > from ? 'promoted' : 'demoted'
      this.counts[change] += 1
      const { policy, tenant, key } = this.#keyspaces.named(physicalKey) ?? {}
      const where = { shard, keyspace: policy?.name ?? '', tenant: tenant ?? '', key: key ?? physicalKey }
      const measured = { readsPerSecond: Math.round(readsPerSecond), share: Number(share.toFixed(3)) }
      this.#log.info({ event: `hot_key_${change}`, ...where, from, to, ...measured }, TOLD[change])
    }
  }
}

const TOLD = {
  promoted: 'a hot key is copied to more shards',
  demoted: 'a key is copied to fewer shards',
} as const
