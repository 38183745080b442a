import { pause, systemClock } from '../../../src/base/clock.ts'
import type { Sidecar } from '../../support/sidecar.ts'
import { monotonicMs } from '../load/monotonic.ts'

/** What one sidecar said of itself at one moment. */
export interface SidecarSample {
  readonly at: number
  /** Its number, from 0. */
  readonly sidecar: number
  /** By the names of the samples in `/metrics`; those that were not there are not here. */
  readonly values: Readonly<Record<string, number>>
}

/** Reads some samples of `/metrics` again and again, until stopped; none where a sidecar does not answer. */
export class SidecarWatch {
  readonly samples: SidecarSample[] = []
  readonly #names: readonly string[]
  readonly #everyMs: number
  readonly #over = new AbortController()
  readonly #watching: Promise<unknown>

  constructor(sidecars: readonly Sidecar[], names: readonly string[], everyMs: number) {
    this.#names = names
    this.#everyMs = everyMs
    this.#watching = Promise.all(names.length === 0 ? [] : sidecars.map((one, index) => this.#watch(one, index)))
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await this.#watching
  }

  async #watch(sidecar: Sidecar, index: number): Promise<void> {
    while (!this.#over.signal.aborted) {
      const all = await sidecar.metrics().catch(() => undefined)
      const found = this.#names.flatMap((name) => (all?.has(name) ? [[name, all.get(name) as number] as const] : []))
      if (all !== undefined) this.samples.push({ at: monotonicMs(), sidecar: index, values: Object.fromEntries(found) })
      await pause(systemClock, this.#everyMs, this.#over.signal)
    }
  }
}
