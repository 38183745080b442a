import type { Log } from '../base/log.ts'
import type { Epoch } from './epoch.ts'
import { EpochEnding } from './epoch-ending.ts'
import type { Debts, OwedTo } from './journal/debts.ts'
import type { NoticeBoard } from './notice-board.ts'
import type { Heard, OpenLine } from './open-line.ts'
import type { ReplayLog } from './replay-log.ts'

export interface DebtsOfOthersParts {
  readonly shard: string
  /** Of all shards. */
  readonly debts: Debts
  readonly board: NoticeBoard
  /** What this sidecar has changed on the shard. */
  readonly changes: ReplayLog
  readonly log: Log
}

/** The part of a notice that tells of journals. */
const PART = 'owes'
/** So many fit on a board. */
const MOST_TOLD = 50

/**
 * What the journals of other sidecars hold for one shard. On its board this sidecar tells of its own journals, and hears
 * of theirs; when one of them that holds something for this shard is lost with its sidecar, it ends the shard's epoch.
 */
export class DebtsOfOthers {
  readonly #parts: DebtsOfOthersParts
  readonly #ending = new EpochEnding<number>()
  /** The last heartbeat that was heard. */
  #last: Heard | undefined

  constructor(parts: DebtsOfOthersParts) {
    this.#parts = parts
  }

  /** The epoch that is to end with the next heartbeat. */
  get ends(): Epoch | undefined {
    return this.#ending.epoch
  }

  /** To be called before each heartbeat. */
  tell(): void {
    const { board, debts } = this.#parts
    board.post(PART, written(debts.own()))
  }

  /** Takes in a heartbeat's answer; true asks for the next one soon. */
  heard({ heard }: OpenLine): boolean {
    const { shard, debts, board, changes, log } = this.#parts
    this.#settleWhatHasEnded(heard)
    debts.hear(shard, new Map([...board.others].map(([member, parts]) => [member, owedIn(parts.get(PART))])))
    const lostAt = debts.overdue(shard)
    if (lostAt === undefined) {
      this.#ending.forget()
      return false
    }
    const endedFor = this.#ending.ended(heard.pulse, lostAt)
    if (endedFor === undefined) return true
    changes.noteAll()
    debts.settle(shard, endedFor)
    log.warn({ shard }, 'a sidecar is gone with invalidations that it had deferred: the epoch of the shard was ended')
    return false
  }

  /** Another sidecar may have been first: what was lost before a clean beginning is made good by it. */
  #settleWhatHasEnded(heard: Heard): void {
    const { shard, debts } = this.#parts
    const before = this.#last
    this.#last = heard
    const { epoch, past, accepted } = heard.pulse
    if (before === undefined || before.pulse.epoch === epoch || past !== undefined || accepted.length > 0) return
    // Its own ending is told of below.
    if (this.ends !== before.pulse.epoch) debts.settle(shard, before.sentAt)
  }
}

function written(owed: readonly OwedTo[]): string {
  if (owed.length === 0) return ''
  return JSON.stringify(owed.slice(0, MOST_TOLD).map(({ shard, journal }) => [shard, journal]))
}

/** What cannot be understood tells of nothing: it may be of another release. */
function owedIn(text: string | undefined): readonly OwedTo[] {
  if (text === undefined) return []
  try {
    const told: unknown = JSON.parse(text)
    return Array.isArray(told) ? told.flatMap(oneOf) : []
  } catch {
    return []
  }
}

function oneOf(told: unknown): readonly OwedTo[] {
  const [shard, journal] = Array.isArray(told) ? (told as unknown[]) : []
  return typeof shard === 'string' && typeof journal === 'string' ? [{ shard, journal }] : []
}
