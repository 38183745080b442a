import { type Clock, pause } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Keyspaces } from '../keyspace/keyspaces.ts'
import type { HotKeys } from './hot-keys.ts'
import type { Keeping } from './keeping.ts'

export interface PrewarmParts {
  readonly hotKeys: Pick<HotKeys, 'fleet'>
  readonly keyspaces: Keyspaces
  readonly keeping: Keeping
  readonly clock: Clock
  readonly log: Log
}

/** A shard is asked for no more than this. */
const KEYS_OF_A_SHARD = 200
/** So many keys are read at once, and no more in each step: a thousand a second. */
const KEYS_AT_ONCE = 50
const STEP_MS = 50
/** Whatever is not near by then comes with its readers. */
const LONGEST_MS = 3_000

/**
 * Fills the near cache of a new sidecar with what the fleet asks for most, before the first reader comes: so a rollout does
 * not send all hot keys to their shards anew. It takes what the shared tier holds and loads nothing.
 */
export class Prewarm {
  readonly #parts: PrewarmParts

  constructor(parts: PrewarmParts) {
    this.#parts = parts
  }

  /** Resolves when it is done, or when it has taken as long as it may. Never rejects: nothing of it is needed. */
  async run(): Promise<void> {
    const { clock, log } = this.#parts
    const over = new AbortController()
    const result = { read: 0 }
    const filling = this.#fill(over.signal, result).catch((error: unknown) => {
      log.warn({ reason: RingsideError.from(error).reason }, 'near cache not warmed')
    })
    await Promise.race([filling, pause(clock, LONGEST_MS, over.signal)])
    over.abort()
    log.info({ keys: result.read }, 'near cache warmed with hot keys')
  }

  async #fill(over: AbortSignal, result: { read: number }): Promise<void> {
    const { hotKeys, clock } = this.#parts
    const keys = await hotKeys.fleet(KEYS_OF_A_SHARD)
    for (let from = 0; from < keys.length && !over.aborted; from += KEYS_AT_ONCE) {
      const some = keys.slice(from, from + KEYS_AT_ONCE)
      if (from > 0) await pause(clock, STEP_MS, over)
      const kept = await Promise.all(some.map(({ key }) => this.#keep(key)))
      result.read += kept.filter(Boolean).length
    }
  }

  /** False where there is nothing to keep. */
  async #keep(physicalKey: string): Promise<boolean> {
    const { keyspaces, keeping } = this.#parts
    const policy = keyspaces.named(physicalKey)?.policy
    return policy !== undefined && keeping.take({ policy, physicalKey })
  }
}
