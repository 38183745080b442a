import type { RowEvent, TruncateEvent } from './event.ts'
import type { WalChange } from './pgoutput.ts'

/** A change of a row as it waits to be taken. */
export interface QueuedChange {
  readonly event: RowEvent | TruncateEvent
  /** Of its transaction, 32 bits. */
  readonly xid: number
  /** When its transaction committed, on the own monotonic clock. */
  readonly committedAt: number
}

/** The end of a transaction. */
interface QueuedEnd {
  readonly end: bigint
}

export interface TakenChanges {
  readonly changes: readonly QueuedChange[]
  /** Up to where the log is dealt with when they are; `undefined` inside of a transaction. */
  readonly position: bigint | undefined
}

/** Transactions of a replication stream in the order of their commits, and up to where the log may be confirmed. */
export class WalQueue {
  readonly #items: (QueuedChange | QueuedEnd)[] = []
  #transaction: Pick<QueuedChange, 'xid' | 'committedAt'> | undefined
  /** Something was taken and is not dealt with. */
  #isInHand = false

  /** Rows and truncations that wait, and ends of transactions. */
  get size(): number {
    return this.#items.length
  }

  /** Whether everything that was sent is dealt with: then nothing before the server's position is missing. */
  get isIdle(): boolean {
    return this.size === 0 && this.#transaction === undefined && !this.#isInHand
  }

  /** `committedAt`: on the own monotonic clock, for a `begin`. Throws for what no stream may say. */
  add(change: WalChange, committedAt: number): void {
    switch (change.kind) {
      case 'begin':
        this.#transaction = { xid: change.xid, committedAt }
        return
      case 'commit':
        this.#transaction = undefined
        this.#items.push({ end: change.end })
        return
      case 'row':
        this.#push({ ...change, kind: 'row' })
        return
      case 'truncate':
        for (const table of change.tables) this.#push({ kind: 'truncate', table })
        return
      case 'other':
    }
  }

  /** At most `limit` changes, in order, and whatever ends right behind them. */
  take(limit: number): TakenChanges {
    const changes: QueuedChange[] = []
    let position: bigint | undefined
    let taken = 0
    for (const item of this.#items) {
      if ('end' in item) position = item.end
      else if (changes.length < limit) changes.push(item)
      else break
      taken += 1
    }
    this.#items.splice(0, taken)
    this.#isInHand = true
    return { changes, position }
  }

  /** What was taken last is dealt with. */
  dealtWith(): void {
    this.#isInHand = false
  }

  #push(event: RowEvent | TruncateEvent): void {
    if (this.#transaction === undefined) throw new Error('pgoutput has sent a change outside of a transaction')
    this.#items.push({ event, ...this.#transaction })
  }
}
