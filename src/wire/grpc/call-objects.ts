import { EventEmitter } from 'node:events'
import { Duplex, Readable, Writable } from 'node:stream'
import { type Metadata, status } from '@grpc/grpc-js'
import type { ServerRpc } from './server-rpc.ts'
import { statusOf } from './status-of.ts'

// What handlers are given: the same members as in grpc-js, so that services written for it run here.

type Continue = (error?: Error | null) => void

export class UnaryCall extends EventEmitter {
  readonly rpc: ServerRpc
  request: unknown

  static {
    describe(UnaryCall.prototype)
  }

  constructor(rpc: ServerRpc) {
    super()
    this.rpc = rpc
  }
}

/** A call whose answers are written one by one. */
export class WritingCall extends Writable {
  readonly rpc: ServerRpc
  request: unknown
  readonly #writer: Writer

  static {
    describe(WritingCall.prototype)
  }

  constructor(rpc: ServerRpc) {
    super({ objectMode: true })
    this.rpc = rpc
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
  readonly rpc: ServerRpc

  static {
    describe(ReadingCall.prototype)
  }

  constructor(rpc: ServerRpc) {
    super({ objectMode: true, highWaterMark: 16 })
    this.rpc = rpc
    this.on('error', (error) => rpc.finish(statusOf(error)))
  }

  override _read(): void {
    this.rpc.resume()
  }
}

export class DuplexCall extends Duplex {
  readonly rpc: ServerRpc
  readonly #writer: Writer

  static {
    describe(DuplexCall.prototype)
  }

  constructor(rpc: ServerRpc) {
    super({ objectMode: true, readableHighWaterMark: 16 })
    this.rpc = rpc
    this.#writer = new Writer(rpc, this)
  }

  override _read(): void {
    this.rpc.resume()
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

interface Described {
  readonly rpc: ServerRpc
}

/**
 * The members that every call has, on its prototype: accessors made for each call would be kept, with all that they
 * refer to, by V8's hidden classes.
 */
function describe(prototype: Described): void {
  Object.defineProperties(prototype, {
    metadata: getter((rpc) => rpc.metadata),
    cancelled: getter((rpc) => rpc.cancelled),
    getPeer: method((rpc) => rpc.peer),
    getPath: method((rpc) => rpc.head.path),
    getHost: method((rpc) => rpc.head.authority),
    getDeadline: method((rpc) => rpc.deadline),
    sendMetadata: method((rpc, metadata) => rpc.sendMetadata(metadata)),
  })
}

function getter(read: (rpc: ServerRpc) => unknown): PropertyDescriptor {
  return {
    get(this: Described) {
      return read(this.rpc)
    },
  }
}

function method(run: (rpc: ServerRpc, metadata: Metadata) => unknown): PropertyDescriptor {
  return {
    value(this: Described, metadata: Metadata) {
      return run(this.rpc, metadata)
    },
  }
}
