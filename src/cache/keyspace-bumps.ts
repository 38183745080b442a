import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from '../base/rules.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { FleetVersions } from '../store/fleet-versions.ts'
import type { Tier } from '../store/tier.ts'
import type { KeyspaceVersion } from '../store/version-table.ts'

export interface KeyspaceBumpsOptions {
  readonly env: string
  readonly rules: Rules
}

export interface KeyspaceBumpsParts {
  readonly keyspaces: Pick<Keyspaces, 'version'>
  readonly versions: FleetVersions
  readonly store: Pick<Tier, 'home' | 'shards'>
  readonly clock: Clock
  readonly log: Log
}

/** A shard has so many heartbeats to answer what it is told, and to tell it on. */
const PATIENCE_HEARTBEATS = 2
/** How often in a heartbeat it is looked whether a step is done. */
const LOOKS = 8

/** What waits to be done after what is being done. */
interface Waiting {
  readonly bump: Promise<number>
  begun: boolean
}

/**
 * Moves a keyspace to its next version: nothing is deleted, and what was stored before is read by nobody any more.
 *
 * A fact that must be known before it holds has two steps. First the version is *announced*: whoever knows of it makes
 * every change in it as well. When all know, it comes *into force*: whoever knows of that reads by it, so that what is
 * loaded then misses no change of anybody. Each step is done when all shards have answered to it and every live sidecar
 * has said that it knows, or two heartbeats later: who has not heard of it by then has heard of nothing, and what such a
 * sidecar answers from the shared tier counts as current no more.
 */
export class KeyspaceBumps {
  readonly #options: KeyspaceBumpsOptions
  readonly #parts: KeyspaceBumpsParts
  readonly #waiting = new Map<string, Waiting>()
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(options: KeyspaceBumpsOptions, parts: KeyspaceBumpsParts) {
    this.#options = options
    this.#parts = parts
  }

  /**
   * Resolves to the version by which every sidecar reads the keyspace from now on. Calls for the same keyspace that come
   * while one is under way share the next. Rejects with `KEYSPACE_UNKNOWN`, and with `SHARD_UNAVAILABLE` when a shard could
   * not be told; to repeat it then does no harm.
   */
  bump(keyspace: string): Promise<number> {
    // Throws for one that is not configured.
    this.#parts.keyspaces.version(keyspace)
    const known = this.#waiting.get(keyspace)
    if (known !== undefined && !known.begun) return known.bump
    const before = this.#last.get(keyspace) ?? Promise.resolve()
    const next: Waiting = {
      begun: false,
      bump: before.then(() => {
        next.begun = true
        return this.#move(keyspace)
      }),
    }
    this.#waiting.set(keyspace, next)
    this.#last.set(
      keyspace,
      next.bump.catch(() => undefined),
    )
    return next.bump
  }

  async #move(keyspace: string): Promise<number> {
    const { clock, keyspaces, versions, store, log } = this.#parts
    const begunAt = clock.now()
    const key = `${this.#options.env}:~version:${keyspace}`
    const taken = Math.max(keyspaces.version(keyspace), versions.of(keyspace).announced)
    const { value: version } = await store.home(key).ask(key, 'nextVersion', () => ({ key, taken }))
    await this.#step(keyspace, { announced: version, inForce: 0 }, this.#options.rules.versionAnnounced)
    await this.#step(keyspace, { announced: version, inForce: version }, this.#options.rules.versionSeen)
    log.info({ keyspace, version, ms: Math.round(clock.now() - begunAt) }, 'keyspace moved to its next version')
    return keyspaces.version(keyspace)
  }

  async #step(keyspace: string, version: KeyspaceVersion, mustBeKnown: boolean): Promise<void> {
    const { clock, versions } = this.#parts
    const patienceMs = PATIENCE_HEARTBEATS * versions.heartbeatMs
    versions.raise(keyspace, version)
    const toldBy = clock.now() + patienceMs
    while (this.#reached(keyspace, version).no.length > 0) {
      if (clock.now() >= toldBy) throw this.#unreached(keyspace, version)
      await this.#look()
    }
    const knownBy = clock.now() + patienceMs
    while (mustBeKnown && clock.now() < knownBy && !versions.isSaidByAll(keyspace, version)) {
      versions.hurry()
      await this.#look()
    }
  }

  /** Of all shards there are by now: one that has just come has to know as well. */
  #reached(keyspace: string, version: KeyspaceVersion): ReturnType<FleetVersions['reached']> {
    const shards = this.#parts.store.shards.map(({ name }) => name)
    return this.#parts.versions.reached(shards, keyspace, version)
  }

  #look(): Promise<void> {
    return pause(this.#parts.clock, this.#parts.versions.heartbeatMs / LOOKS)
  }

  #unreached(keyspace: string, version: KeyspaceVersion): RingsideError {
    const { heartbeatMs } = this.#parts.versions
    const { yes, no } = this.#reached(keyspace, version)
    const total = yes.length + no.length
    const shards = no.join(', ')
    return new RingsideError(
      'SHARD_UNAVAILABLE',
      `version ${version.announced} of keyspace ${keyspace} has reached ${yes.length} of ${total} shards, and not ${shards}; until it has, what is cached may still be answered. Repeat the call: that does no harm`,
      { retryAfterMs: heartbeatMs, metadata: { keyspace, shards } },
    )
  }
}
