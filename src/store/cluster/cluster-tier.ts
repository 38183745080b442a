import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/clock.ts'
import { copyName } from '../../keyspace/physical-key.ts'
import { CopyPlaces } from '../copy-places.ts'
import type { Shard } from '../shard.ts'
import type { CopyPlace, Tier } from '../tier.ts'
import type { ClusterMaster } from './cluster-master.ts'
import { keySlot, SLOTS } from './key-slot.ts'
import type { Redirect } from './redirect.ts'
import { slotsByOwner } from './slots-by-owner.ts'
import { succession } from './succession.ts'

/** A master of so few slots that none of so many names falls into one of them gets no copy. */
const MOST_CHOICES = 4_096

/** Which node owns which slot, as the cluster tells it. */
export interface SlotMap {
  readonly owners: readonly (string | undefined)[]
  start(): Promise<void>
  read(): Promise<void>
  close(): void
}

export interface ClusterTierOptions {
  /** Deadline of one request, in ms. */
  readonly timeoutMs: number
}

export interface ClusterTierParts {
  readonly clock: Clock
  /** Makes the map; `onRead` is to be called each time that it has been read anew. */
  readonly mapFor: (onRead: () => void) => SlotMap
  /** Makes the shard of the master at an address, not started yet. */
  readonly masterAt: (address: string, name: string) => ClusterMaster
  /** Slots may have other owners. */
  readonly onShared: () => void
  readonly onClosed: () => Promise<void>
  /** The home of keys whose owner is not known: it refuses everything. */
  readonly nobody: Shard
}

/**
 * A Redis Cluster as a tier: one shard for each of its masters. The cluster says who owns which slot; what is asked of the
 * wrong node comes back with the address of the right one, and goes there.
 */
export class ClusterTier implements Tier {
  readonly #options: ClusterTierOptions
  readonly #parts: ClusterTierParts
  readonly #map: SlotMap
  #members: readonly ClusterMaster[] = []
  readonly #owners = new Array<ClusterMaster | undefined>(SLOTS)
  #slots: ReadonlyMap<string, readonly number[]> = new Map()
  readonly #nobody: Shard
  readonly #copies = new CopyPlaces<unknown, CopyPlace>((key, count) => this.#copiesOf(key, count))
  #closed = false

  constructor(options: ClusterTierOptions, parts: ClusterTierParts) {
    this.#options = options
    this.#parts = parts
    this.#map = parts.mapFor(() => this.#read())
    this.#nobody = parts.nobody
  }

  get shards(): readonly Shard[] {
    return this.#members.map(({ shard }) => shard)
  }

  get masters(): readonly ClusterMaster[] {
    return this.#members
  }

  home(key: string): Shard {
    return this.#owners[keySlot(key)]?.home(this) ?? this.#nobody
  }

  /** The cluster itself says where a key lives: whoever is wrong is sent on. */
  agrees(): boolean {
    return true
  }

  copy(key: string, number: number): CopyPlace | undefined {
    return number > this.mostCopies ? undefined : this.#copies.at(key, number, this.#slots)
  }

  get mostCopies(): number {
    return Math.max(0, this.#slots.size - 1)
  }

  owner(key: string): Shard {
    return this.masterOf(key)?.shard ?? this.#nobody
  }

  masterOf(key: string): ClusterMaster | undefined {
    return this.#owners[keySlot(key)]
  }

  /** The slots that the master at an address owns. */
  slotsOf(address: string): readonly number[] {
    return this.#slots.get(address) ?? []
  }

  look(): Promise<void> {
    return this.#map.read()
  }

  async start(): Promise<void> {
    await this.#map.start()
    await Promise.all(this.#members.map((master) => master.start()))
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#map.close()
    await Promise.all(this.#members.map(({ shard }) => shard.close()))
    await this.#parts.onClosed()
  }

  async follow({ kind, slot, address }: Redirect, from: Shard): Promise<Shard | undefined> {
    const next = await this.#at(address)
    if (next === undefined) return undefined
    if (kind === 'moved') {
      this.#owners[slot] = next
      this.#slots = new Map(this.#slots)
      this.#parts.onShared()
      void this.#map.read()
    }
    // No version that is made there may be below what the key had here.
    next.shard.atLeast(this.#members.find((master) => master.is(from))?.shard.floor ?? 0)
    if (!next.shard.state().up) {
      await Promise.race([next.start(), pause(this.#parts.clock, this.#options.timeoutMs)])
    }
    return kind === 'ask' ? next.importing : next.shard
  }

  /** Only the map tells whether a node that is not known is a new master, or takes the place of one. */
  async #at(address: string): Promise<ClusterMaster | undefined> {
    const known = () => this.#members.find((master) => master.address === address)
    if (known() === undefined) await this.#map.read()
    return known()
  }

  /** Each copy is on a master that neither the key nor a copy before it has. */
  #copiesOf(key: string, count: number): readonly CopyPlace[] {
    const taken = new Set([this.masterOf(key)])
    const places: CopyPlace[] = []
    for (let choice = 0; places.length < count && choice < MOST_CHOICES; choice += 1) {
      const name = copyName(key, places.length + 1, choice)
      const master = this.masterOf(name)
      if (master === undefined || taken.has(master)) continue
      taken.add(master)
      places.push({ name, shard: master.home(this) })
      choice = -1
    }
    return places
  }

  /** Takes in a map: masters come, go, and take the places of others. */
  #read(): void {
    if (this.#closed) return
    const { owners } = this.#map
    this.#slots = slotsByOwner(owners)
    const { staying, replaced, leaving, coming } = succession(this.#members, owners)
    for (const { master, by } of replaced) master.rebind(by)
    for (const { shard } of leaving) void shard.close()
    // Slots may have changed hands: no version that is made for them may be below those that they had.
    const floor = Math.max(0, ...this.#members.map(({ shard }) => shard.floor))
    this.#members = [...staying, ...replaced.map(({ master }) => master)]
    for (const address of coming) this.#members = [...this.#members, this.#open(address)]
    for (const { shard } of this.#members) shard.atLeast(floor)
    const at = new Map(this.#members.map((member) => [member.address, member]))
    for (const [slot, owner] of owners.entries()) this.#owners[slot] = owner === undefined ? undefined : at.get(owner)
    this.#parts.onShared()
  }

  #open(address: string): ClusterMaster {
    const names = new Set(this.#members.map(({ shard }) => shard.name))
    let name = address
    // A node that has left the place to which it gave its name may come back to another.
    for (let count = 2; names.has(name); count += 1) name = `${address}/${count}`
    const master = this.#parts.masterAt(address, name)
    void master.start()
    return master
  }
}
