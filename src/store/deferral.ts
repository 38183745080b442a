import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Epoch } from './epoch.ts'
import { EpochEnding } from './epoch-ending.ts'
import { type Elsewhere, invalidateAgain } from './invalidate-again.ts'
import type { JournalDebt, JournalPart } from './journal/journal.ts'
import type { OpenLine } from './open-line.ts'
import type { ReplayLog } from './replay-log.ts'

export interface DeferralParts {
  readonly shard: string
  readonly journal: JournalPart
  /** What this sidecar has changed on the shard. */
  readonly changes: ReplayLog
  readonly clock: Clock
  readonly log: Log
  readonly elsewhere?: Elsewhere | undefined
  /** Whether all other sidecars would wait for this one if the shard's memory went back in time. */
  readonly settled: () => boolean
}

/**
 * Pays what the journal of a shard owes before anything is read from that shard or stored there: key by key, or, where
 * the journal has lost sight of its keys, by ending the shard's epoch. What is paid is struck out only when a failure
 * of the shard cannot undo it any more unnoticed.
 */
export class Deferral {
  readonly #parts: DeferralParts
  #paidUpTo = 0
  #paidInto: Epoch = 0
  /** Of the shard, where single keys cannot pay. */
  readonly #ending = new EpochEnding<number>()
  #isPaying = false

  constructor(parts: DeferralParts) {
    this.#parts = parts
  }

  get journal(): JournalPart {
    return this.#parts.journal
  }

  /** Whether the shard may hold what was promised to be gone: nothing but invalidations may be asked of it. */
  get blocks(): boolean {
    return this.journal.last > this.#paidUpTo
  }

  /** The epoch that is to end with the next heartbeat. */
  get ends(): Epoch | undefined {
    return this.#ending.epoch
  }

  /** Takes in a heartbeat's answer; true asks for the next one soon. */
  heard(open: OpenLine): boolean {
    void this.pay(open)
    return this.ends !== undefined
  }

  /** Pays as much as can be paid now. Never rejects: the next heartbeat tries again. */
  async pay(open: OpenLine): Promise<void> {
    const { shard, log, settled } = this.#parts
    if (this.#isPaying || this.journal.isEmpty) return
    this.#isPaying = true
    try {
      while (this.blocks || this.#paidInto !== open.epoch) {
        const debt = this.journal.debt()
        const isPaid = debt.lost === undefined ? await this.#payKeys(open, debt) : this.#endEpoch(open, debt)
        if (!isPaid) return
      }
      if (settled()) await this.journal.forget(this.#paidUpTo)
    } catch (error) {
      log.warn({ shard, error: error instanceof Error ? error.message : String(error) }, 'journal not replayed yet')
    } finally {
      this.#isPaying = false
    }
  }

  async #payKeys(open: OpenLine, { upTo, keys }: Extract<JournalDebt, { lost: undefined }>): Promise<boolean> {
    const { shard, changes, clock, log, elsewhere } = this.#parts
    const { epoch } = open
    await invalidateAgain(open.line, epoch, keys, elsewhere)
    const now = clock.now()
    for (const { key, holdMs } of keys) changes.note(key, holdMs === 0 ? 0 : now + holdMs)
    // What was sent in an epoch that has ended meanwhile may be lost with it.
    if (open.epoch !== epoch) return false
    this.#paid(upTo, epoch)
    log.info({ shard, keys: keys.length }, 'journal replayed')
    return true
  }

  /** True once a heartbeat tells that the epoch has ended, and that nothing older than its end is accepted. */
  #endEpoch(open: OpenLine, { upTo, lost }: JournalDebt): boolean {
    const { shard, changes, log } = this.#parts
    const { pulse } = open.heard
    const paidUpTo = this.#ending.ended(pulse, upTo)
    if (paidUpTo === undefined) return false
    changes.noteAll()
    this.#paid(paidUpTo, pulse.epoch)
    log.warn({ shard, why: lost }, 'journal lost sight of its keys: the epoch of the shard was ended')
    return true
  }

  #paid(upTo: number, epoch: Epoch): void {
    this.#paidUpTo = upTo
    this.#paidInto = epoch
  }
}
