import type { Clock } from '../base/clock.ts'
import type { NoticeBoard } from './notice-board.ts'
import {
  decodeVersions,
  encodeVersions,
  hasCome,
  type KeyspaceVersion,
  mergeVersions,
  NO_VERSIONS,
  type VersionTable,
} from './version-table.ts'

/** Under this name a sidecar tells the others which versions it goes by. */
const VERSIONS_PART = 'versions'
/** While a version is on its way, heartbeats go sooner; for so many of them at the most. */
const HURRIED_HEARTBEATS = 6

export interface VersionedShard {
  readonly name: string
  readonly board: NoticeBoard
  /** Has the next heartbeat go at once. */
  readonly hurry: () => void
}

/** Of what a shard works with. */
export interface VersionsPart {
  /** The versions of keyspaces as all shards know them; without it nothing is told of them, and nothing heard. */
  readonly versions?: FleetVersions | undefined
}

/** By which versions of a keyspace anybody may read. */
export interface FleetVersion extends KeyspaceVersion {
  /** The smallest that anybody is known to go by. */
  readonly oldest: number
  /** Somebody, or some shard, has not been heard to know of any: it may go by the configured one. */
  readonly isUnknownToSome: boolean
}

interface Member extends VersionedShard {
  told: VersionTable
  /** What the others on it go by. */
  said: readonly VersionTable[]
  isSilent: boolean
}

/**
 * The versions of keyspaces as all shards and sidecars know them. A shard keeps them among its control keys and tells them
 * to whoever has not heard of the last change; a sidecar says what it knows with every heartbeat, so that a shard that was
 * emptied or is new knows it again with the first one. Larger is later: whoever has heard the most is right.
 */
export class FleetVersions {
  readonly heartbeatMs: number
  readonly #clock: Clock
  readonly #shards = new Map<string, Member>()
  readonly #listeners: ((keyspace: string, version: FleetVersion) => void)[] = []
  #table: VersionTable = NO_VERSIONS
  #text = ''
  #hurriedUntil = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, heartbeatMs: number) {
    this.#clock = clock
    this.heartbeatMs = heartbeatMs
  }

  of(keyspace: string): KeyspaceVersion {
    return this.#table.get(keyspace) ?? { announced: 0, inForce: 0 }
  }

  /** Called with each change, before anything else can happen. */
  follow(listener: (keyspace: string, version: FleetVersion) => void): void {
    this.#listeners.push(listener)
  }

  join(shard: VersionedShard): void {
    this.#shards.set(shard.name, { ...shard, told: NO_VERSIONS, said: [], isSilent: false })
    this.#say(shard.board)
  }

  leave(name: string): void {
    this.#shards.delete(name)
  }

  /**
   * Takes in what a shard told with a heartbeat; `undefined`: nothing has changed. True while something is on its way that
   * the next one need not wait for.
   */
  heard(name: string, text: string | undefined): boolean {
    const shard = this.#shards.get(name)
    if (shard !== undefined && text !== undefined) this.#hear(shard, text)
    return this.#clock.now() < this.#hurriedUntil
  }

  /** Makes known what nobody may know yet: to the shards at once, and through them to the others. */
  raise(keyspace: string, version: KeyspaceVersion): void {
    this.#learn(new Map([[keyspace, version]]))
    this.tell()
    this.hurry()
  }

  /** Has all heartbeats go at once. */
  hurry(): void {
    for (const { hurry } of this.#shards.values()) hurry()
  }

  /** Which of these shards have answered that a keyspace has come as far as this, and which have not. */
  reached(
    shards: readonly string[],
    keyspace: string,
    version: KeyspaceVersion,
  ): { readonly yes: readonly string[]; readonly no: readonly string[] } {
    const isReached = (name: string) => hasCome(this.#shards.get(name)?.told ?? NO_VERSIONS, keyspace, version)
    return { yes: shards.filter(isReached), no: shards.filter((name) => !isReached(name)) }
  }

  /** Whether everybody else says so too who is known to be alive. */
  isSaidByAll(keyspace: string, version: KeyspaceVersion): boolean {
    return [...this.#shards.values()].every(
      ({ said, isSilent }) => !isSilent && said.every((table) => hasCome(table, keyspace, version)),
    )
  }

  #hear(shard: Member, text: string): void {
    shard.told = decodeVersions(text)
    const said = shard.board.read(VERSIONS_PART)
    shard.isSilent = said.size < shard.board.others.size
    shard.said = [...new Set(said.values())].map(decodeVersions)
    this.#learn(shard.told)
    this.tell()
  }

  #learn(told: VersionTable): void {
    const merged = mergeVersions(this.#table, told)
    const text = encodeVersions(merged)
    if (text === this.#text) return
    this.#table = merged
    this.#text = text
    this.#hurriedUntil = this.#clock.now() + HURRIED_HEARTBEATS * this.heartbeatMs
    for (const { board } of this.#shards.values()) this.#say(board)
  }

  /** To the shard, which keeps it, and to the others, who wait for that. */
  #say(board: NoticeBoard): void {
    board.keep(this.#text)
    board.post(VERSIONS_PART, this.#text)
  }

  /** Tells what is known once more, to those who have keyspaces that they did not have. */
  tell(): void {
    const members = [...this.#shards.values()]
    const tables = members.flatMap(({ told, said }) => [told, ...said])
    for (const [keyspace, version] of this.#table) {
      const known = tables.map((table) => table.get(keyspace)?.inForce ?? 0)
      const oldest = Math.min(version.inForce, ...known.filter((one) => one > 0))
      const isUnknownToSome = known.includes(0) || members.some(({ isSilent }) => isSilent)
      for (const listener of this.#listeners) listener(keyspace, { ...version, oldest, isUnknownToSome })
    }
  }
}
