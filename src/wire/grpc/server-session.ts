import type { Socket } from 'node:net'
import { type MethodDefinition, status, type UntypedHandleCall } from '@grpc/grpc-js'
import type { Clock, Timer } from '../../base/clock.ts'
import { Connection, type ConnectionOwner } from '../http2/connection.ts'
import { NO_ERROR } from '../http2/fault.ts'
import type { Block } from '../http2/header-blocks.ts'
import type { Stream } from '../http2/stream.ts'
import { ByteAnswer, type ByteHandler } from './byte-answer.ts'
import { PREFIX_BYTES } from './message-reader.ts'
import { PlainRefusal } from './plain-refusal.ts'
import { type RequestHead, requestHead } from './request-head.ts'
import { serve } from './server-calls.ts'
import { ANSWER_FIELDS, type RpcOptions, ServerRpc } from './server-rpc.ts'
import { statusFields } from './status-fields.ts'

/** A method that is served. */
export interface ServedMethod {
  readonly definition: MethodDefinition<unknown, unknown>
  readonly handler: UntypedHandleCall
  readonly byteHandler: ByteHandler | undefined
}

export interface SessionOptions {
  readonly maxMessageBytes: number
  readonly maxStreams: number
  readonly headerListBytes: number
  readonly keepaliveTimeMs: number
  readonly keepaliveTimeoutMs: number
  readonly clock: Clock
  /** `unix:`, or host and port. */
  readonly peer: string
}

export interface SessionEvents {
  /** The client broke the protocol: an error code of HTTP/2. */
  faulted(code: number): void
  closed(): void
}

/** The headers of a request, and the method that they ask for. */
interface Asked {
  readonly head: RequestHead
  readonly method: ServedMethod | undefined
  /** It is gRPC, and its method has a byte handler: that one. */
  readonly byteHandler: ByteHandler | undefined
}

const STREAM_WINDOW = 256 * 1024
const CONNECTION_WINDOW = 1024 * 1024
const PING_PAYLOAD = Buffer.from('ringside')

/** One client's connection to a server. */
export class ServerSession implements ConnectionOwner {
  readonly #connection: Connection
  readonly #methods: ReadonlyMap<string, ServedMethod>
  readonly #options: SessionOptions
  readonly #answer: ByteAnswer
  readonly #rpcOptions: RpcOptions
  readonly #events: SessionEvents
  #draining = false
  #watch: Timer | undefined
  #pingOut = false

  constructor(
    socket: Socket,
    methods: ReadonlyMap<string, ServedMethod>,
    options: SessionOptions,
    events: SessionEvents,
  ) {
    this.#methods = methods
    this.#options = options
    this.#events = events
    const { maxMessageBytes, clock, peer } = options
    this.#rpcOptions = { maxMessageBytes, clock, peer }
    this.#connection = new Connection(
      socket,
      {
        role: 'server',
        maxStreams: options.maxStreams,
        initialWindow: STREAM_WINDOW,
        connectionWindow: CONNECTION_WINDOW,
        headerListBytes: options.headerListBytes,
      },
      this,
      options.clock,
    )
    this.#answer = new ByteAnswer(this.#connection.sender)
    this.#connection.introduce()
    this.#keepAlive()
  }

  /** Takes no more calls, and closes when those under way have ended. */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    this.#connection.goAway(NO_ERROR, '')
    this.idle()
  }

  /** Cuts off what is under way. */
  destroy(): void {
    this.#connection.abort()
  }

  answeredAtOnce(stream: number, block: Block, bytes: Buffer, start: number, end: number): boolean {
    const asked = this.#asked(stream, block)
    if (asked?.byteHandler === undefined) return false
    const { byteHandler, head } = asked
    const { contentLength } = head
    if (contentLength >= 0 && contentLength !== end - start) return false
    const from = start + PREFIX_BYTES
    if (from > end || bytes[start] !== 0 || bytes.readUInt32BE(start + 1) !== end - from) return false
    const answered = this.#answer.answer(byteHandler, stream, bytes, from, end)
    if (typeof answered === 'boolean') return answered
    this.#sendWhole(stream, answered)
    return true
  }

  opened(stream: Stream, block: Block): void {
    const asked = this.#asked(stream.id, block)
    if (asked === undefined) {
      stream.sendHeaders([':status', '431'], true)
      return
    }
    const { head, method } = asked
    stream.expectedBytes = head.contentLength
    const plain = PlainRefusal.of(stream, head)
    if (plain !== undefined) {
      stream.sink = plain
      return
    }
    const refusal = this.#refusal(asked)
    if (refusal !== undefined) {
      stream.sendHeaders(refusal, true)
      return
    }
    const { definition, handler } = method as ServedMethod
    const rpc = new ServerRpc(stream, head, definition, this.#rpcOptions)
    stream.sink = rpc
    serve(rpc, definition, handler)
  }

  goneAway(): void {
    this.#draining = true
    this.idle()
  }

  ponged(): void {
    this.#pingOut = false
  }

  idle(): void {
    if (this.#draining && this.#connection.streams.size === 0) this.#connection.close()
  }

  faulted(code: number): void {
    this.#events.faulted(code)
  }

  closed(): void {
    this.#watch?.cancel()
    this.#events.closed()
  }

  /** `undefined` where the headers are larger than allowed. */
  #asked(stream: number, block: Block): Asked | undefined {
    if (block.fields === 'too-large') return undefined
    if (block.memo === undefined) {
      const head = requestHead(stream, block.fields)
      const method = this.#methods.get(head.path)
      const byteHandler = isGrpc(head) ? method?.byteHandler : undefined
      block.memo = { head, method, byteHandler } satisfies Asked
    }
    return block.memo as Asked
  }

  /** Headers that refuse a call before anything of it is read; `undefined` for one that may go on. */
  #refusal({ head, method }: Asked): readonly string[] | undefined {
    if (method === undefined) {
      return refused(status.UNIMPLEMENTED, `The server does not implement the method ${head.path}`)
    }
    if (Number.isNaN(head.timeoutMs)) return refused(status.INTERNAL, 'Invalid grpc-timeout value')
    if (head.encoding !== 'identity' && head.encoding !== 'gzip') {
      return refused(status.UNIMPLEMENTED, `grpc-encoding ${head.encoding} is not supported; use identity or gzip`)
    }
    return undefined
  }

  /** An answer for which the windows are too small, as they grow. */
  #sendWhole(id: number, framedMessage: Buffer): void {
    const stream = this.#connection.accept(id)
    stream.remoteEnded = true
    stream.sendHeaders(ANSWER_FIELDS)
    stream.send(framedMessage)
    stream.sendTrailers(statusFields({ code: status.OK, details: '' }))
  }

  /** A peer that has stopped answering on an open connection is noticed by a ping. */
  #keepAlive(): void {
    const { clock, keepaliveTimeMs, keepaliveTimeoutMs } = this.#options
    this.#watch = clock.after(this.#pingOut ? keepaliveTimeoutMs : keepaliveTimeMs, () => {
      if (this.#pingOut) return this.#connection.destroy()
      this.#pingOut = true
      this.#connection.sender.ping(PING_PAYLOAD, false)
      this.#keepAlive()
    })
  }
}

function isGrpc({ method, contentType }: RequestHead): boolean {
  return method === 'POST' && contentType.startsWith('application/grpc')
}

function refused(code: number, details: string): readonly string[] {
  return [...ANSWER_FIELDS, ...statusFields({ code, details })]
}
