import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Address, formatAddress } from '../base/address.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type AdmissionRequest, admissionAnswer, failOpenAnswer, readAdmissionReview } from './admission-review.ts'
import type { KeyPair } from './certs/key-pair.ts'
import { readBody } from './request-body.ts'
import type { Review, ReviewedRequest } from './review.ts'
import type { ReviewTally } from './review-tally.ts'

/** An object is at most 1.5 MiB in etcd; a review has it twice at most, and JSON may be longer than what is stored. */
const MOST_BODY_BYTES = 8 * 1024 * 1024

/** The API server waits for no more than 30 s, and usually much less. */
const REQUEST_TIMEOUT_MS = 10_000

/** API servers keep their connections; one that is gone without a word is let go of. */
const KEEP_ALIVE_MS = 120_000

/** Who has asked, by path. The API server allows no query there. */
const PATHS: ReadonlyMap<string, 'namespace' | 'pod'> = new Map([
  ['/inject', 'namespace'],
  ['/inject/pod', 'pod'],
])

export interface InjectionServerOptions {
  /** Port 0 lets the system choose. */
  readonly listen: Address
  /** The decision; throws nothing that is not a bug. */
  readonly review: (request: ReviewedRequest, optIn: 'namespace' | 'pod') => Review
  readonly tally: ReviewTally
  readonly log: Log
}

interface Answer {
  readonly status: number
  readonly body: object
}

/**
 * The webhook: `POST /inject` for pods of namespaces that have opted in, `POST /inject/pod` for pods that have done so themselves. The
 * certificate may change at any time: connections that are open keep theirs, new ones get the new one.
 */
export class InjectionServer {
  readonly #options: InjectionServerOptions
  readonly #server: Server
  #isRetiring = false

  constructor(options: InjectionServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#reply(request, response))
    this.#server.requestTimeout = REQUEST_TIMEOUT_MS
    this.#server.headersTimeout = REQUEST_TIMEOUT_MS
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS
  }

  /** Until the first call nobody can connect. Throws, and keeps what it had, when the two do not belong together. */
  setCertificate({ cert, key }: KeyPair): void {
    this.#server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' })
  }

  /** Rejects with `CONFIG_INVALID` when the address cannot be had. */
  start(): Promise<void> {
    const { listen, log } = this.#options
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => {
        const message = `--listen: ${formatAddress(listen)} cannot be listened on (${cause.message}); choose another address`
        reject(new RingsideError('CONFIG_INVALID', message, { cause }))
      }
      this.#server.once('error', fail)
      this.#server.listen({ host: listen.host, port: listen.port }, () => {
        this.#server.off('error', fail)
        this.#server.on('error', (error) => log.error({ stack: error.stack }, 'the webhook server failed'))
        resolve()
      })
    })
  }

  /** Host and port that it listens on; `undefined` before `start` and after `close`. */
  address(): string | undefined {
    const bound = this.#server.address() as AddressInfo | null
    return bound === null ? undefined : formatAddress({ host: bound.address, port: bound.port })
  }

  /** Answers as before, and asks callers for each next call on a new connection, which leads elsewhere. */
  retire(): void {
    this.#isRetiring = true
  }

  /** Takes no more connections; what is being answered is answered. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeIdleConnections()
      this.#isRetiring = true
    })
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer
    try {
      answer = await this.#answer(request)
    } catch {
      // The request broke off: there is nobody to answer.
      response.destroy()
      return
    }
    const text = JSON.stringify(answer.body)
    const isLast = answer.status === 413 || this.#isRetiring
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...(isLast ? { connection: 'close' } : {}),
    })
    response.end(text)
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    // What the API server adds to it is of no interest: its timeout.
    const optIn = PATHS.get((request.url ?? '/').split('?', 1)[0] as string)
    if (optIn === undefined) return failure(404, `there are only ${[...PATHS.keys()].join(' and ')}`)
    if (request.method !== 'POST') return failure(405, 'only POST is served')
    const text = await readBody(request, MOST_BODY_BYTES)
    if (text === undefined) return failure(413, `the body is longer than ${MOST_BODY_BYTES} bytes`)
    const asked = readAdmissionReview(text)
    if (asked === undefined) return failure(400, 'the body is no AdmissionReview of admission.k8s.io/v1')
    return { status: 200, body: this.#review(asked, optIn) }
  }

  #review(request: AdmissionRequest, optIn: 'namespace' | 'pod'): object {
    const { review, tally, log } = this.#options
    const { uid, namespace, name } = request
    try {
      const result = review({ operation: request.operation, object: request.object }, optIn)
      tally.add(result)
      const { outcome } = result
      const why = result.outcome === 'skipped' ? { reason: result.reason } : {}
      if (result.outcome === 'denied') log.warn({ uid, namespace, name, message: result.message }, 'pod denied')
      else log.info({ uid, namespace, name, outcome, ...why }, 'pod reviewed')
      return admissionAnswer(uid, result)
    } catch (error) {
      tally.add(undefined)
      log.error({ uid, namespace, name, stack: error instanceof Error ? error.stack : undefined }, 'a review failed')
      return failOpenAnswer(uid)
    }
  }
}

function failure(status: number, error: string): Answer {
  return { status, body: { error } }
}
