import type { Log } from '../base/log.ts'
import type { Config } from './config.ts'
import { configChanges } from './config-changes.ts'
import type { LoadResult } from './load-config.ts'
import { type ConfigProblem, formatProblem } from './problem.ts'

/**
 * How a changed file ended. `applied`: all of it is in force; `partial`: some of it waits for a restart; `refused`: none
 * of it is, and what was before stays.
 */
export const RELOAD_RESULTS = ['applied', 'partial', 'refused'] as const
export type ReloadResult = (typeof RELOAD_RESULTS)[number]

export interface ReloadsParts {
  readonly log: Log
  /** Puts into force what can change while the sidecar runs. Throws nothing. */
  readonly apply: (config: Config) => void
  /** Hears of each changed file when it has been taken or refused. Throws nothing. */
  readonly configEvents?: { tell(reloads: Reloads): void } | undefined
}

/** What has become of the configuration file since the sidecar was started with one. */
export class Reloads {
  readonly results: Record<ReloadResult, number> = { applied: 0, partial: 0, refused: 0 }
  /** What was read at the start: what cannot change without a restart is in force as it stands here. */
  readonly #started: Config
  readonly #parts: ReloadsParts
  #current: Config
  #problems: readonly ConfigProblem[] = []
  #waiting: readonly string[] = []

  constructor(started: Config, parts: ReloadsParts) {
    this.#started = started
    this.#current = started
    this.#parts = parts
  }

  /** What the file said when it was last taken. */
  get current(): Config {
    return this.#current
  }

  /** Whether all that the file says is in force. */
  get isInForce(): boolean {
    return this.#problems.length === 0 && this.#waiting.length === 0
  }

  /** For people: why it is not. */
  get reasons(): readonly string[] {
    const [first] = this.#problems
    const reasons: string[] = []
    if (first !== undefined) {
      const more = this.#problems.length > 1 ? ` (and ${this.#problems.length - 1} more)` : ''
      reasons.push(`the configuration file is refused, the one before stays in force: ${formatProblem(first)}${more}`)
    }
    if (this.#waiting.length > 0) reasons.push(`changes that wait for a restart: ${this.#waiting.join(', ')}`)
    return reasons
  }

  get details(): { readonly refused: readonly string[]; readonly waiting: readonly string[] } {
    return { refused: this.#problems.map(formatProblem), waiting: this.#waiting }
  }

  /** Takes what the changed file was read as. */
  take(result: LoadResult): void {
    this.#take(result)
    this.#parts.configEvents?.tell(this)
  }

  #take(result: LoadResult): void {
    const { log, apply } = this.#parts
    if (!result.ok) {
      this.#problems = result.problems
      this.results.refused += 1
      log.error({ problems: result.problems.map(formatProblem) }, 'changed configuration refused')
      return
    }
    const { config } = result
    const { hot } = configChanges(this.#current, config, this.#started)
    const { cold } = configChanges(this.#started, config)
    this.#problems = []
    this.#waiting = cold
    this.#current = config
    apply(config)
    this.results[cold.length === 0 ? 'applied' : 'partial'] += 1
    if (cold.length === 0) log.info({ changed: hot }, 'changed configuration in force')
    else log.warn({ changed: hot, waiting: cold }, 'some of the changed configuration waits for a restart')
  }
}
