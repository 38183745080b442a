import { ConnectionFault, FLOW_CONTROL_ERROR } from './fault.ts'

/** What returns to a window returns in steps of this share of it (RFC 9113, section 6.9.1 leaves that open). */
export const STEP_SHARE = 0.5

/** How much the peer may still send on all streams together. */
export class ReceiveWindow {
  readonly #size: number
  readonly #update: (bytes: number) => void
  #left: number
  #given = 0

  /** `update` tells the peer of bytes that have returned. */
  constructor(size: number, update: (bytes: number) => void) {
    this.#size = size
    this.#left = size
    this.#update = update
  }

  take(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0) throw new ConnectionFault(FLOW_CONTROL_ERROR, 'more bytes than the window allowed')
  }

  giveBack(bytes: number): void {
    this.#given += bytes
    if (this.#given < this.#size * STEP_SHARE) return
    this.#update(this.#given)
    this.#left += this.#given
    this.#given = 0
  }
}
