import type { Socket } from 'node:net'

const CHUNK_BYTES = 128 * 1024
const MOST_SPARE = 64
const EMPTY = Buffer.alloc(0)

/** Buffers between two uses, for all connections of the process: an idle connection holds none. */
const spare: Buffer[] = []

/** A buffer that is written to, and how many pieces of it the socket has not let go of. */
interface Chunk {
  readonly bytes: Buffer
  writes: number
}

/**
 * What is to be sent on one connection: appended to one buffer, and written to the socket once for all that was appended
 * in a turn.
 */
export class Outbox {
  /** The next bytes go to `at` of this, after `reserve`. */
  bytes: Buffer = EMPTY
  at = 0
  readonly #socket: Socket
  #chunk: Chunk = { bytes: EMPTY, writes: 0 }
  #from = 0
  #unsent = 0
  readonly #onSent: () => void

  /** `onSent` is called whenever the socket has let go of something: its own `drain` does not come for what leaves at once. */
  constructor(socket: Socket, onSent: () => void) {
    this.#socket = socket
    this.#onSent = onSent
  }

  /** Bytes that the socket has been given and has not sent, and those that it is yet to be given. */
  get pending(): number {
    return this.#unsent + this.at - this.#from
  }

  /** Makes sure that `size` more bytes fit behind `at` of `bytes`, which may become another buffer. */
  reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return
    this.flush()
    const former = this.#chunk
    this.bytes =
      size <= CHUNK_BYTES ? (spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES)) : Buffer.allocUnsafeSlow(size)
    this.#chunk = { bytes: this.bytes, writes: 0 }
    this.at = 0
    this.#from = 0
    if (former.writes === 0) keep(former.bytes)
  }

  flush(): void {
    if (this.at === this.#from) return
    const piece = this.bytes.subarray(this.#from, this.at)
    const chunk = this.#chunk
    this.#from = this.at
    this.#unsent += piece.length
    chunk.writes += 1
    this.#socket.write(piece, (error) => this.#sent(chunk, piece.length, error))
  }

  #sent(chunk: Chunk, bytes: number, error: Error | null | undefined): void {
    this.#unsent -= bytes
    chunk.writes -= 1
    this.#release(chunk)
    // A socket that is gone lets go of everything at once, before it tells that it is closed: what is made for it then,
    // and lost as fast, would keep the process from all else.
    if (!error) this.#onSent()
  }

  #release(chunk: Chunk): void {
    if (chunk.writes > 0) return
    if (chunk !== this.#chunk) keep(chunk.bytes)
    else if (this.at === this.#from) {
      keep(chunk.bytes)
      this.bytes = EMPTY
      this.#chunk = { bytes: EMPTY, writes: 0 }
      this.at = 0
      this.#from = 0
    }
  }
}

function keep(bytes: Buffer): void {
  if (bytes.length === CHUNK_BYTES && spare.length < MOST_SPARE) spare.push(bytes)
}
