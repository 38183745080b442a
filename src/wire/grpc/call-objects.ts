import { EventEmitter } from 'node:events'
import { Duplex, Readable, Writable } from 'node:stream'
import { type Metadata, status } from '@grpc/grpc-js'
import type { ServerRpc } from './server-rpc.ts'
import { statusOf } from './status-of.ts'

// What handlers are given: the same members as in grpc-js, so that services written for it run here.

type Continue = (error?: Error | null) => void

export class UnaryCall extends EventEmitter {
  request: unknown

  constructor(rpc: ServerRpc) {
    super()
    describe(this, rpc)
  }
}

/** A call whose answers are written one by one. */
export class WritingCall extends Writable {
  request: unknown
  readonly #writer: Writer

  constructor(rpc: ServerRpc) {
    super({ objectMode: true })
    describe(this, rpc)
    this.#writer = new Writer(rpc, this)
  }

  override _write(value: unknown, _encoding: BufferEncoding, proceed: Continue): void {
    this.#writer.write(value, proceed)
  }

  override _final(proceed: Continue): void {
    this.#writer.finish(proceed)
  }

  override end(...args: unknown[]): this {
    this.#writer.trailer = trailerIn(args)
    return super.end()
  }

  proceed(): void {
    this.#writer.proceed()
  }
}

/** A call whose requests are read one by one. */
export class ReadingCall extends Readable {
  readonly #rpc: ServerRpc

  constructor(rpc: ServerRpc) {
    super({ objectMode: true, highWaterMark: 16 })
    this.#rpc = rpc
    describe(this, rpc)
    this.on('error', (error) => rpc.finish(statusOf(error)))
  }

  override _read(): void {
    this.#rpc.resume()
  }
}

export class DuplexCall extends Duplex {
  readonly #rpc: ServerRpc
  readonly #writer: Writer

  constructor(rpc: ServerRpc) {
    super({ objectMode: true, readableHighWaterMark: 16 })
    this.#rpc = rpc
    describe(this, rpc)
    this.#writer = new Writer(rpc, this)
  }

  override _read(): void {
    this.#rpc.resume()
  }

  override _write(value: unknown, _encoding: BufferEncoding, proceed: Continue): void {
    this.#writer.write(value, proceed)
  }

  override _final(proceed: Continue): void {
    this.#writer.finish(proceed)
  }

  override end(...args: unknown[]): this {
    this.#writer.trailer = trailerIn(args)
    return super.end()
  }

  proceed(): void {
    this.#writer.proceed()
  }
}

/** The writing half: as fast as the caller takes it, and a status at the end. */
class Writer {
  trailer: Metadata | undefined
  readonly #rpc: ServerRpc
  #waiting: Continue | undefined

  constructor(rpc: ServerRpc, call: Writable) {
    this.#rpc = rpc
    // In grpc-js, an `error` is how a handler says a status that is not OK.
    call.on('error', (error) => rpc.finish(statusOf(error)))
  }

  write(value: unknown, proceed: Continue): void {
    if (this.#rpc.send(value)) proceed()
    else this.#waiting = proceed
  }

  finish(proceed: Continue): void {
    this.#rpc.finish({ code: status.OK, details: '', metadata: this.trailer })
    proceed()
  }

  proceed(): void {
    const proceed = this.#waiting
    this.#waiting = undefined
    proceed?.()
  }
}

/** `end(metadata)` names the trailer, as in grpc-js. */
function trailerIn([first]: unknown[]): Metadata | undefined {
  return typeof first === 'object' && first !== null ? (first as Metadata) : undefined
}

function describe(call: object, rpc: ServerRpc): void {
  Object.defineProperties(call, {
    metadata: { get: () => rpc.metadata },
    cancelled: { get: () => rpc.cancelled },
  })
  Object.assign(call, {
    getPeer: () => rpc.peer,
    getPath: () => rpc.head.path,
    getHost: () => rpc.head.authority,
    getDeadline: () => rpc.deadline,
    sendMetadata: (metadata: Metadata) => rpc.sendMetadata(metadata),
  })
}
