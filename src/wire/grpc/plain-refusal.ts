import type { Stream, StreamSink } from '../http2/stream.ts'
import { checkTrailers, type RequestHead } from './request-head.ts'

/** How a request that is no gRPC call is refused, in the words of HTTP. */
interface Refusal {
  readonly fields: readonly string[]
  readonly body: string
}

const NOT_POST: Refusal = { fields: [':status', '405', 'allow', 'POST'], body: 'A gRPC call is a POST.\n' }
const NOT_GRPC: Refusal = {
  fields: [':status', '415', 'accept-post', 'application/grpc, application/grpc+proto'],
  body: 'The content-type of a gRPC call is application/grpc.\n',
}

/**
 * Answers a request that is no gRPC call once it has ended, so that its client, which may read nothing before it has
 * sent everything, hears why. What it sends is dropped.
 */
export class PlainRefusal implements StreamSink {
  readonly #stream: Stream
  readonly #refusal: Refusal
  readonly #hasBody: boolean

  /** `undefined` for a request that is a call. */
  static of(stream: Stream, head: RequestHead): PlainRefusal | undefined {
    if (head.method !== 'POST') return new PlainRefusal(stream, NOT_POST, head.method !== 'HEAD')
    return head.contentType.startsWith('application/grpc') ? undefined : new PlainRefusal(stream, NOT_GRPC, true)
  }

  private constructor(stream: Stream, refusal: Refusal, hasBody: boolean) {
    this.#stream = stream
    this.#refusal = refusal
    this.#hasBody = hasBody
  }

  headers(fields: readonly string[]): void {
    checkTrailers(this.#stream.id, fields)
  }

  data(): void {}

  ended(): void {
    const { fields, body } = this.#refusal
    this.#stream.sendHeaders([...fields, 'content-type', 'text/plain'], !this.#hasBody)
    if (this.#hasBody) this.#stream.send(Buffer.from(body), true)
  }

  reset(): void {}

  drained(): void {}
}
