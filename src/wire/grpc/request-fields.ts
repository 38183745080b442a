import type { Metadata } from '@grpc/grpc-js'
import { fieldsOf } from './metadata-fields.ts'
import { timeoutText } from './timeout.ts'

const MOST_REMEMBERED = 64

interface Remembered {
  readonly timeoutMs: number | undefined
  readonly fields: readonly string[]
}

/** The header fields of requests. Calls of one method with one timeout share theirs. */
export class RequestFields {
  readonly #authority: string
  readonly #userAgent: string
  readonly #ofAll: readonly string[]
  readonly #remembered = new Map<string, Remembered>()

  /** `ofAll`: what every request carries, beside its own metadata. */
  constructor(authority: string, userAgent: string, ofAll?: Metadata) {
    this.#authority = authority
    this.#userAgent = userAgent
    this.#ofAll = ofAll === undefined ? [] : fieldsOf(ofAll)
  }

  /** `timeoutMs` is what is left for the call; `undefined` = it has all the time in the world. */
  of(path: string, timeoutMs: number | undefined, metadata: Metadata | undefined): readonly string[] {
    if (metadata !== undefined) return [...this.#fields(path, timeoutMs), ...fieldsOf(metadata)]
    const known = this.#remembered.get(path)
    if (known !== undefined && known.timeoutMs === timeoutMs) return known.fields
    const fields = this.#fields(path, timeoutMs)
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(path, { timeoutMs, fields })
    return fields
  }

  /** gRPC over HTTP/2, Requests. */
  #fields(path: string, timeoutMs: number | undefined): string[] {
    const fields = [':method', 'POST', ':scheme', 'http', ':path', path, ':authority', this.#authority]
    fields.push('te', 'trailers', 'content-type', 'application/grpc', 'user-agent', this.#userAgent)
    fields.push('grpc-accept-encoding', 'identity,gzip')
    if (timeoutMs !== undefined) fields.push('grpc-timeout', timeoutText(timeoutMs))
    fields.push(...this.#ofAll)
    return fields
  }
}
