import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import type { Status } from './status-fields.ts'

/** The flag and the length in front of each message (gRPC over HTTP/2, Length-Prefixed-Message). */
export const PREFIX_BYTES = 5

const expand = promisify(gunzip)

/** A message that cannot be taken, with the status that says why. */
export class MessageFault extends Error {
  override readonly name = 'MessageFault'
  readonly status: Status

  constructor(code: number, details: string) {
    super(details)
    this.status = { code, details }
  }
}

export interface MessageReaderOptions {
  /** Largest message, also when it is expanded, in bytes. */
  readonly maxBytes: number
  /** What `grpc-encoding` says. */
  readonly encoding: string
}

/** Puts messages together out of DATA, however they were cut. Each message has bytes of its own. */
export class MessageReader {
  readonly #options: MessageReaderOptions
  readonly #prefix = Buffer.allocUnsafe(PREFIX_BYTES)
  #prefixHave = 0
  #body: Buffer | undefined
  #have = 0

  constructor(options: MessageReaderOptions) {
    this.#options = options
  }

  /** In the middle of a message. */
  get isPartial(): boolean {
    return this.#prefixHave > 0
  }

  /** The messages that these bytes complete; one that is compressed as a promise. Throws `MessageFault`. */
  push(bytes: Buffer, start: number, end: number): (Buffer | Promise<Buffer>)[] {
    const messages: (Buffer | Promise<Buffer>)[] = []
    for (let at = start; at < end || this.#isComplete(); ) {
      if (this.#body === undefined) {
        const taken = Math.min(PREFIX_BYTES - this.#prefixHave, end - at)
        bytes.copy(this.#prefix, this.#prefixHave, at, at + taken)
        this.#prefixHave += taken
        at += taken
        if (this.#prefixHave < PREFIX_BYTES) break
        this.#body = this.#allocate()
      }
      const taken = Math.min(this.#body.length - this.#have, end - at)
      bytes.copy(this.#body, this.#have, at, at + taken)
      this.#have += taken
      at += taken
      if (!this.#isComplete()) break
      messages.push(this.#next(this.#body))
    }
    return messages
  }

  #isComplete(): boolean {
    return this.#body !== undefined && this.#have === this.#body.length
  }

  #allocate(): Buffer {
    const size = this.#prefix.readUInt32BE(1)
    if (size > this.#options.maxBytes) throw tooLarge(size, this.#options.maxBytes)
    return Buffer.allocUnsafe(size)
  }

  #next(body: Buffer): Buffer | Promise<Buffer> {
    const flag = this.#prefix[0]
    this.#prefixHave = 0
    this.#body = undefined
    this.#have = 0
    if (flag === 0) return body
    const { encoding } = this.#options
    if (flag !== 1 || encoding === 'identity') {
      throw new MessageFault(status.INTERNAL, 'a message that is compressed, and an encoding that is not')
    }
    if (encoding !== 'gzip') throw new MessageFault(status.UNIMPLEMENTED, `grpc-encoding ${encoding} is not supported`)
    return this.#expanded(body)
  }

  async #expanded(body: Buffer): Promise<Buffer> {
    const { maxBytes } = this.#options
    try {
      return await expand(body, { maxOutputLength: Math.max(1, maxBytes) })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(undefined, maxBytes)
      throw new MessageFault(status.INTERNAL, 'a message that is no gzip')
    }
  }
}

function tooLarge(size: number | undefined, maxBytes: number): MessageFault {
  const of = size === undefined ? 'that expands beyond' : `of ${size} bytes, larger than`
  return new MessageFault(status.RESOURCE_EXHAUSTED, `Received message ${of} max (${maxBytes})`)
}

/** A message behind its prefix, in one buffer. */
export function framed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  bytes[0] = 0
  bytes.writeUInt32BE(message.length, 1)
  message.copy(bytes, PREFIX_BYTES)
  return bytes
}
