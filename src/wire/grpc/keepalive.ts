import type { Clock, Timer } from '../../base/clock.ts'

export interface KeepaliveOptions {
  readonly clock: Clock
  /** A ping goes out when nothing has arrived for so long while there are calls. */
  readonly afterMs: number
  /** How long the peer may take to answer it. */
  readonly withinMs: number
}

export interface KeptAlive {
  readonly bytesRead: number
  readonly isIdle: boolean
  ping(): void
  /** The peer is gone. */
  lose(): void
}

/** Notices a peer that has gone without closing the connection (gRPC keepalive.md). A connection without calls is left alone. */
export class Keepalive {
  readonly #options: KeepaliveOptions
  readonly #peer: KeptAlive
  #timer: Timer
  #bytesRead: number

  constructor(options: KeepaliveOptions, peer: KeptAlive) {
    this.#options = options
    this.#peer = peer
    this.#bytesRead = peer.bytesRead
    this.#timer = this.#wait()
  }

  close(): void {
    this.#timer.cancel()
  }

  #wait(): Timer {
    return this.#options.clock.after(this.#options.afterMs, () => this.#check())
  }

  #check(): void {
    if (this.#peer.isIdle || this.#peer.bytesRead !== this.#bytesRead) {
      this.#bytesRead = this.#peer.bytesRead
      this.#timer = this.#wait()
      return
    }
    this.#peer.ping()
    // Any byte of the peer proves that it lives, not only the answer to the ping.
    this.#timer = this.#options.clock.after(this.#options.withinMs, () => {
      if (this.#peer.bytesRead === this.#bytesRead) this.#peer.lose()
      else this.#timer = this.#wait()
    })
  }
}
