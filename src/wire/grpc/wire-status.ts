import type { Metadata } from '@grpc/grpc-js'
import { metadataOf } from './metadata-fields.ts'

/** How a call ended that did not end with `OK`: its gRPC status code, its message, and the metadata that came with it. */
export class WireStatus extends Error {
  override readonly name = 'WireStatus'
  readonly code: number
  readonly #trailers: readonly string[]

  /** `trailers` are names and values, alternating; those of `-bin` names as base64. */
  constructor(code: number, message: string, trailers: readonly string[] = []) {
    super(message)
    this.code = code
    this.#trailers = trailers
  }

  get metadata(): Metadata {
    return metadataOf(this.#trailers)
  }
}
