import type { Duplex } from 'node:stream'
import type pg from 'pg'
import type { Clock, Timer } from '../base/clock.ts'

/** What is not in the types of `pg`: its connection, over which both sides copy while a stream lasts. */
interface CopyBoth {
  readonly stream: Duplex
  on(event: 'copyData', listen: (message: { readonly chunk: Buffer }) => void): void
  on(event: 'replicationStart', listen: () => void): void
  sendCopyFromChunk(chunk: Buffer): void
}

export interface WalStreamOptions {
  readonly slot: string
  readonly publication: string
  /** How often the position is confirmed, which shows that the consumer lives. */
  readonly beatMs: number
  /** A server of which nothing was heard for so long is given up. */
  readonly silenceMs: number
}

export interface WalStreamParts {
  readonly clock: Clock
  /** A message of the output plugin, lent; `sentUs` is the server's time, in µs since 2000. */
  readonly onMessage: (message: Buffer, sentUs: bigint) => void
  /** Nothing up to here has been left out. */
  readonly onPosition: (position: bigint) => void
  /** There will be no more. Called once. */
  readonly onEnd: (error: unknown) => void
}

const XLOG_DATA = 0x77
const KEEPALIVE = 0x6b
const STATUS_BYTES = 34
/** Of wall time, to the zero of PostgreSQL's: 2000-01-01. */
const EPOCH_MS = 946_684_800_000

/**
 * The streaming replication protocol from a logical slot:
 * https://www.postgresql.org/docs/current/protocol-replication.html. What is confirmed is not sent again, not even to the next
 * consumer of the slot, and lets the server remove its log.
 */
export class WalStream {
  readonly #options: WalStreamOptions
  readonly #parts: WalStreamParts
  readonly #client: pg.Client
  readonly #connection: CopyBoth
  #confirmed = 0n
  #heardAt: number
  #hasBegun = false
  #isPaused = false
  #isOver = false
  #beat: Timer | undefined

  /** Takes over `client`. */
  constructor(options: WalStreamOptions, client: pg.Client, parts: WalStreamParts) {
    this.#options = options
    this.#parts = parts
    this.#client = client
    this.#connection = (client as unknown as { readonly connection: CopyBoth }).connection
    this.#heardAt = parts.clock.now()
  }

  /** Resolves when the stream has begun, from where the slot was last confirmed. Rejects with the driver's error. */
  async start(): Promise<void> {
    const { slot, publication, silenceMs } = this.#options
    this.#connection.on('copyData', ({ chunk }) => this.#take(chunk))
    this.#client.on('end', () => this.#finish(new Error('the connection was closed')))
    this.#scheduleBeat()
    await this.#client.query(`set wal_sender_timeout = ${silenceMs}`)
    const names = this.#client.escapeLiteral(this.#client.escapeIdentifier(publication))
    const command = `START_REPLICATION SLOT ${this.#client.escapeIdentifier(slot)} LOGICAL 0/0 (proto_version '1', publication_names ${names})`
    await new Promise<void>((resolve, reject) => {
      this.#connection.on('replicationStart', () => {
        this.#hasBegun = true
        resolve()
      })
      // It is answered when the stream ends.
      this.#client.query(command).then(
        () => this.#finish(new Error('the server has ended the stream')),
        (error: unknown) => {
          reject(error)
          this.#finish(error)
        },
      )
    })
  }

  /** Everything before has been dealt with. */
  confirm(position: bigint): void {
    if (position <= this.#confirmed) return
    this.#confirmed = position
    this.#tell(false)
  }

  /** Nothing more is read until `resume`; the server waits. */
  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#connection.stream.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#heardAt = this.#parts.clock.now()
    this.#connection.stream.resume()
  }

  /** At once; what was confirmed last is told first. */
  close(): void {
    this.#tell(false)
    this.#finish(new Error('the stream was closed'))
    // To end it as the protocol asks for would take the server's answer, for which nobody waits.
    this.#connection.stream.end()
    this.#client.end().catch(() => undefined)
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return
    this.#heardAt = this.#parts.clock.now()
    try {
      if (chunk[0] === XLOG_DATA) this.#parts.onMessage(chunk.subarray(25), chunk.readBigInt64BE(17))
      else if (chunk[0] === KEEPALIVE) this.#takeKeepalive(chunk)
    } catch (error) {
      this.#finish(error)
      this.#connection.stream.destroy()
    }
  }

  #takeKeepalive(chunk: Buffer): void {
    this.#parts.onPosition(chunk.readBigInt64BE(1))
    if (chunk[17] === 1) this.#tell(false)
  }

  #scheduleBeat(): void {
    const { beatMs, silenceMs } = this.#options
    this.#beat = this.#parts.clock.after(beatMs, () => {
      if (!this.#isPaused && this.#parts.clock.now() - this.#heardAt > silenceMs) {
        this.#finish(new Error('nothing was heard of the server'))
        this.#connection.stream.destroy()
        return
      }
      // Answered by a keepalive, so that silence means something.
      this.#tell(true)
      this.#scheduleBeat()
    })
  }

  /** Standby status update. */
  #tell(wantsAnswer: boolean): void {
    if (this.#isOver || !this.#hasBegun) return
    const status = Buffer.alloc(STATUS_BYTES)
    status[0] = 0x72
    for (const at of [1, 9, 17]) status.writeBigInt64BE(this.#confirmed, at)
    status.writeBigInt64BE(BigInt(Math.trunc(this.#parts.clock.wall()) - EPOCH_MS) * 1_000n, 25)
    status[33] = wantsAnswer ? 1 : 0
    this.#connection.sendCopyFromChunk(status)
  }

  #finish(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#beat?.cancel()
    this.#parts.onEnd(error)
  }
}
