import type { Guard } from '../../guard/guard.ts'
import type { Shard } from '../shard.ts'
import { TierShard, type TierShardOptions, type TierShardParts } from '../tier-shard.ts'
import { Anchor } from './anchor.ts'
import { ClusterHome, type ClusterRoads } from './cluster-home.ts'
import type { MasterJournal } from './cluster-journal.ts'
import { ClusterServer } from './cluster-server.ts'
import type { KnownMaster } from './succession.ts'

export interface ClusterMasterOptions extends TierShardOptions {
  /** `host:port` of the master. */
  readonly address: string
  /** A connection on which nothing came back for this long is given up, in ms. */
  readonly silenceMs: number
}

export interface ClusterMasterParts extends Omit<TierShardParts, 'server' | 'replicas' | 'journal'> {
  readonly journal: MasterJournal | undefined
  readonly guard: Guard
  /** The URL of the node at an address. */
  readonly urlAt: (address: string) => string
  readonly slotsOf: (address: string) => readonly number[]
  /** Learns anew whose slots are whose. */
  readonly look: () => Promise<void>
}

/** One master of a cluster, and whoever takes its place, as a shard. */
export class ClusterMaster implements KnownMaster {
  readonly shard: TierShard
  /** The same shard, for keys that it is about to take over from another. */
  readonly importing: Shard
  /** What it has yet to hear of; `undefined` where that is not kept. */
  readonly journal: MasterJournal | undefined
  readonly #anchor: Anchor
  readonly #server: ClusterServer
  #home: ClusterHome | undefined
  #started: Promise<void> | undefined

  constructor(options: ClusterMasterOptions, parts: ClusterMasterParts) {
    const { controls } = options
    const { slotsOf, look } = parts
    this.#anchor = new Anchor({ controls }, { slots: () => slotsOf(this.address), look })
    const onUnreachable = () => void look()
    this.#server = new ClusterServer(options, { ...parts, anchor: this.#anchor, onUnreachable })
    this.shard = new TierShard(options, { ...parts, server: this.#server })
    this.importing = this.shard.importing()
    this.journal = parts.journal
  }

  get address(): string {
    return this.#server.address
  }

  get anchor(): number | undefined {
    return this.#anchor.slot
  }

  /** As the home of keys. */
  home(roads: ClusterRoads): ClusterHome {
    this.#home ??= new ClusterHome(this.shard, roads)
    return this.#home
  }

  is(shard: Shard): boolean {
    return shard === this.shard || shard === this.importing
  }

  /** Resolves after the first attempt, however often it is called; further attempts follow by themselves. */
  start(): Promise<void> {
    this.#started ??= this.shard.start()
    return this.#started
  }

  /** Another node has taken the place of the master. */
  rebind(address: string): void {
    this.#server.rebind(address)
  }
}
