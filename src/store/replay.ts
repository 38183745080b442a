import type { Log } from '../base/log.ts'
import type { Epoch } from './epoch.ts'
import { type Elsewhere, invalidateAgain } from './invalidate-again.ts'
import type { Server } from './line.ts'
import type { Membership } from './membership.ts'
import type { OpenLine } from './open-line.ts'
import type { OwnBeats } from './own-beats.ts'
import type { ReplayLog } from './replay-log.ts'

export interface ReplayParts {
  readonly shard: string
  readonly server: Server
  readonly beats: OwnBeats
  readonly changes: ReplayLog
  readonly membership: Membership
  readonly log: Log
  readonly elsewhere?: Elsewhere
}

/** Makes good, in a new epoch, what this sidecar did in the piece of memory that was lost. */
export class Replay {
  readonly #parts: ReplayParts
  /** The epoch into which everything has been replayed, or had not to be. */
  #into: Epoch = 0
  #isRunning = false

  constructor(parts: ReplayParts) {
    this.#parts = parts
  }

  /** Never rejects: the next heartbeat tries again. */
  async run(open: OpenLine): Promise<void> {
    const { shard, server, beats, changes, membership, log } = this.#parts
    const { epoch, past } = open.heard.pulse
    if (this.#isRunning || this.#into === epoch) return
    this.#isRunning = true
    try {
      const since = past && beats.missingSince(past.last, past.stamp)
      if (since !== undefined) {
        const isCovered = changes.covers(since)
        if (isCovered) await invalidateAgain(open.line, epoch, changes.changes(), this.#parts.elsewhere)
        membership.replayed(epoch, !isCovered)
      }
      this.#into = epoch
    } catch (error) {
      log.warn({ shard, kind: server.judge(error).kind }, 'replay failed; trying again')
    } finally {
      this.#isRunning = false
    }
  }
}
