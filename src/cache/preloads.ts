import type { Chance } from '../base/chance.ts'
import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import { warmedName } from '../keyspace/physical-key.ts'
import type { KeyspacePolicy, Preload } from '../keyspace/policy.ts'
import type { Tier } from '../store/tier.ts'
import type { Warming } from './warming.ts'

export interface PreloadsParts {
  readonly keyspaces: Pick<Keyspaces, 'policies' | 'version'>
  readonly warming: Pick<Warming, 'run'>
  readonly store: Pick<Tier, 'home'>
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
}

/** Whoever does not do it looks so often whether it was done: who has begun may have died. */
const LOOK_MS = 15_000
/** A mark that is only looked for stands no longer than this if there was none. */
const GLANCE_MS = 1
/** A mark may find the glance of somebody in its place, which is gone a moment later. */
const MARK_ATTEMPTS = 3
const MARK_AGAIN_MS = 20

/**
 * Warms keyspaces behind the start of a sidecar, as their policies say: one sidecar of the fleet does it, and none where it
 * was done within the time that the policy names. That is told by a mark in the shared tier, one for each version of the
 * keyspace, and it falls with what it speaks of when that loses its memory.
 */
export class Preloads {
  readonly #env: string
  readonly #parts: PreloadsParts
  readonly #closing = new AbortController()

  constructor(env: string, parts: PreloadsParts) {
    this.#env = env
    this.#parts = parts
  }

  /** Returns at once. */
  start(): void {
    for (const policy of this.#parts.keyspaces.policies) {
      if (policy.preload !== undefined) void this.#preload(policy, policy.preload)
    }
  }

  close(): void {
    this.#closing.abort()
  }

  /** Until somebody has done it. Never rejects. */
  async #preload(policy: KeyspacePolicy, preload: Preload): Promise<void> {
    const { clock, chance, log } = this.#parts
    const { signal } = this.#closing
    const { name: keyspace } = policy
    while (!signal.aborted) {
      try {
        if (await this.#isDone(keyspace)) return log.info({ keyspace }, 'preload not needed')
        for (const tenant of tenantsOf(policy, preload)) await this.#warm(keyspace, tenant, preload)
        await this.#markDone(keyspace, preload)
        return log.info({ keyspace }, 'preloaded')
      } catch (error) {
        log.debug({ keyspace, reason: RingsideError.from(error).reason }, 'not preloaded here yet')
      }
      await pause(clock, LOOK_MS * (1 + chance.uniform()), signal)
    }
  }

  async #warm(keyspace: string, tenant: string, { from, keysPerSecond }: Preload): Promise<void> {
    const listener = { signal: this.#closing.signal, onProgress: () => undefined }
    await this.#parts.warming.run({ keyspace, tenant, source: { from }, keysPerSecond, after: '' }, listener)
  }

  /** What stands at two moments is more than the glance of another. */
  async #isDone(keyspace: string): Promise<boolean> {
    const { clock, chance } = this.#parts
    if (await this.#mark(keyspace, GLANCE_MS)) return false
    await pause(clock, MARK_AGAIN_MS * (1 + chance.uniform()))
    return !(await this.#mark(keyspace, GLANCE_MS))
  }

  async #markDone(keyspace: string, { notWithinMs }: Preload): Promise<void> {
    for (let attempt = 0; attempt < MARK_ATTEMPTS; attempt += 1) {
      await pause(this.#parts.clock, MARK_AGAIN_MS)
      if (await this.#mark(keyspace, notWithinMs)) return
    }
  }

  /** False where it stands already. */
  #mark(keyspace: string, forMs: number): Promise<boolean> {
    const { keyspaces, store } = this.#parts
    const name = warmedName(this.#env, keyspace, keyspaces.version(keyspace))
    return store.home(name).lock(name, forMs)
  }
}

/** A list of keys is of one tenant; what is hot, of all. */
function tenantsOf({ tenants }: KeyspacePolicy, { from }: Preload): readonly string[] {
  return from === 'hot' || typeof tenants === 'string' ? [''] : tenants
}
