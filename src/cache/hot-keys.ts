import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Heat, OwnHeat } from '../hotkey/heat.ts'
import type { Keyspaces, NamedKey } from '../keyspace/keyspaces.ts'
import type { HotKey } from '../store/heat.ts'
import type { Shard } from '../store/shard.ts'

/** A key that is asked for much. */
export interface KnownHotKey {
  readonly name: NamedKey
  /** What its shard has heard of it from the whole fleet. */
  readonly fleet: Omit<HotKey, 'key'>
  /** What this sidecar has counted itself. */
  readonly own: Omit<OwnHeat, 'key'>
}

export interface HotKeysAsk {
  /** At most so many, the hottest. */
  readonly limit: number
  /** Only of this one; `''` = of all. */
  readonly keyspace: string
}

export interface HotKeysParts {
  readonly shards: () => readonly Pick<Shard, 'name' | 'hottest'>[]
  readonly heat: Heat
  readonly keyspaces: Keyspaces
  readonly log: Log
}

/** More than a shard keeps. */
const ALL = 1_000

const NO_HEAT: Omit<HotKey, 'key'> = {
  readsPerSecond: 0,
  shardReadsPerSecond: 0,
  writesPerSecond: 0,
  share: 0,
  copies: 0,
  sinceMs: 0,
}
const NO_OWN: Omit<OwnHeat, 'key'> = { readsPerSecond: 0, shardReadsPerSecond: 0, writesPerSecond: 0 }

/** The keys that are asked for most: by the whole fleet, as the shards have heard, and by this sidecar's own readers. */
export class HotKeys {
  readonly #parts: HotKeysParts

  constructor(parts: HotKeysParts) {
    this.#parts = parts
  }

  /**
   * The hottest first. A shard without an answer is left out: of its keys only what was counted here is known. Rejects with
   * `KEYSPACE_UNKNOWN`.
   */
  async hottest({ limit, keyspace }: HotKeysAsk): Promise<readonly KnownHotKey[]> {
    const { heat, keyspaces } = this.#parts
    if (keyspace !== '') keyspaces.policy(keyspace)
    const fleet = new Map((await this.fleet(ALL)).map((one) => [one.key, one]))
    const own = new Map(heat.hottest(ALL).map((one) => [one.key, one]))
    const known = [...new Set([...fleet.keys(), ...own.keys()])].flatMap((key) => {
      const name = keyspaces.named(key)
      if (name === undefined || (keyspace !== '' && name.policy.name !== keyspace)) return []
      return [{ name, fleet: fleet.get(key) ?? NO_HEAT, own: own.get(key) ?? NO_OWN }]
    })
    return known.sort((a, b) => readsOf(b) - readsOf(a)).slice(0, limit)
  }

  /** By their physical names, as the shards that answer have heard of them from the whole fleet, the hottest first. */
  async fleet(limitOfShard: number): Promise<readonly HotKey[]> {
    const lists = await Promise.all(this.#parts.shards().map((shard) => this.#of(shard, limitOfShard)))
    return lists.flat().sort((a, b) => b.readsPerSecond - a.readsPerSecond)
  }

  /** The keys that this sidecar's own readers ask for most. */
  own(limit: number): readonly { readonly name: NamedKey; readonly readsPerSecond: number }[] {
    const { heat, keyspaces } = this.#parts
    return heat.hottest(limit).flatMap(({ key, readsPerSecond }) => {
      const name = keyspaces.named(key)
      return name === undefined ? [] : [{ name, readsPerSecond }]
    })
  }

  async #of(shard: Pick<Shard, 'name' | 'hottest'>, limit: number): Promise<readonly HotKey[]> {
    try {
      return await shard.hottest(limit)
    } catch (error) {
      this.#parts.log.debug({ shard: shard.name, reason: RingsideError.from(error).reason }, 'hot keys not told')
      return []
    }
  }
}

/** Reports come with heartbeats, so that of a key that has just become hot more is known here. */
function readsOf({ fleet, own }: KnownHotKey): number {
  return Math.max(fleet.readsPerSecond, own.readsPerSecond)
}
