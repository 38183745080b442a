import { ConnectionFault, PROTOCOL_ERROR } from './fault.ts'

/** What a client sends first, so that no HTTP/1 server takes it for a request (RFC 9113, section 3.4). */
export const CLIENT_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** Takes the preface off the beginning of what a client sends. */
export class PrefaceReader {
  #have = 0

  get isDone(): boolean {
    return this.#have === CLIENT_PREFACE.length
  }

  /** What is left of the chunk. Throws a `ConnectionFault` for anything else than the preface. */
  strip(chunk: Buffer): Buffer {
    const size = Math.min(CLIENT_PREFACE.length - this.#have, chunk.length)
    if (CLIENT_PREFACE.compare(chunk, 0, size, this.#have, this.#have + size) !== 0) {
      throw new ConnectionFault(PROTOCOL_ERROR, 'no HTTP/2 connection preface')
    }
    this.#have += size
    return chunk.subarray(size)
  }
}

/** No method of HTTP/1 is called so: it is reserved for the preface (RFC 9113, section 11.6). */
const TELLING = CLIENT_PREFACE.subarray(0, 'PRI '.length)

/** Whether a connection that begins so is meant for HTTP/2; `undefined` while that cannot be told. */
export function speaksHttp2(beginning: Buffer): boolean | undefined {
  const size = Math.min(TELLING.length, beginning.length)
  if (TELLING.compare(beginning, 0, size, 0, size) !== 0) return false
  return size === TELLING.length ? true : undefined
}
