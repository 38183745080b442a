import type { Epoch } from './epoch.ts'
import type { Pulse } from './operations.ts'
import { REPLAY_WINDOW_MS } from './replay-log.ts'

/** Longer than a quarantine may last. */
const REMEMBERED_MS = 30_000

interface OwnBeat {
  readonly epoch: Epoch
  readonly stamp: number
  readonly sentAt: number
}

/**
 * This sidecar's own heartbeats on one shard, by stamp. A memory that still holds a stamp holds everything that was done
 * there before the heartbeat that made it, so a stamp stands for the moment its heartbeat was sent.
 */
export class OwnBeats {
  #beats: OwnBeat[] = []
  /** The first of each epoch, kept while any of that epoch is. */
  readonly #first = new Map<Epoch, OwnBeat>()

  add(epoch: Epoch, stamp: number, sentAt: number): void {
    const beat = { epoch, stamp, sentAt }
    if (!this.#first.has(epoch)) this.#first.set(epoch, beat)
    this.#beats.push(beat)
    while (this.#beats[0] !== undefined && sentAt - this.#beats[0].sentAt > REMEMBERED_MS) this.#beats.shift()
    for (const known of this.#first.keys()) {
      if (!this.#beats.some((one) => one.epoch === known)) this.#first.delete(known)
    }
  }

  /** The moment for which the memory before an epoch stands, while it is in quarantine; `undefined` when it is of no use. */
  quarantineAsOf({ past }: Pick<Pulse, 'past'>, now: number): number | undefined {
    const held = past === undefined ? undefined : this.momentOf(past.last, past.stamp)
    return held !== undefined && now - held <= REPLAY_WINDOW_MS ? held : undefined
  }

  /** When the newest own heartbeat with this stamp or a smaller one was sent; `undefined` when there is none. */
  momentOf(epoch: Epoch, stamp: number): number | undefined {
    let newest: number | undefined
    for (const beat of this.#beats) {
      if (beat.epoch === epoch && beat.stamp <= stamp && (newest === undefined || beat.sentAt > newest)) {
        newest = beat.sentAt
      }
    }
    return newest
  }

  /**
   * From when on this sidecar's changes may be missing in a memory of that epoch that ends with that stamp; `undefined`
   * when none can be: it has never been heard there. `-Infinity`: longer ago than is remembered.
   */
  missingSince(epoch: Epoch, stamp: number): number | undefined {
    const held = this.momentOf(epoch, stamp)
    if (held !== undefined) return held
    const first = this.#first.get(epoch)
    if (first === undefined) return undefined
    return first.stamp > stamp ? first.sentAt : Number.NEGATIVE_INFINITY
  }
}
