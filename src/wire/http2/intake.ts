import type { Socket } from 'node:net'
import type { Connection } from './connection.ts'
import { FrameReader } from './frame-reader.ts'
import { PrefaceReader } from './preface.ts'
import type { Receiver } from './receiver.ts'

/** What arrives on a connection, read no faster than what comes of it leaves. */
export class Intake {
  readonly #socket: Socket
  readonly #connection: Connection
  readonly #receiver: Receiver
  readonly #reader: FrameReader
  readonly #onFault: (error: unknown) => void
  #preface: PrefaceReader | undefined

  constructor(socket: Socket, connection: Connection, receiver: Receiver, onFault: (error: unknown) => void) {
    this.#socket = socket
    this.#connection = connection
    this.#receiver = receiver
    this.#reader = new FrameReader(receiver)
    this.#onFault = onFault
    this.#preface = connection.options.role === 'client' ? undefined : new PrefaceReader()
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  /** The socket has let go of bytes: goes on with what had to wait for that. */
  proceed(): void {
    if (this.#socket.isPaused() && !this.#receiver.isFull) this.#read(undefined)
  }

  #read(chunk: Buffer | undefined): void {
    const connection = this.#connection
    if (connection.isClosed) return
    try {
      if (chunk === undefined) this.#reader.proceed()
      else this.#reader.push(this.#preface === undefined ? chunk : this.#stripped(chunk, this.#preface))
      if (!this.#reader.isWaiting) this.#receiver.pause()
    } catch (error) {
      this.#onFault(error)
    }
    connection.sender.outbox.flush()
    if (connection.isClosed) return
    if (this.#receiver.isFull) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #stripped(chunk: Buffer, preface: PrefaceReader): Buffer {
    const rest = preface.strip(chunk)
    if (preface.isDone) this.#preface = undefined
    return rest
  }
}
