import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import type { Address } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'

/** Where Kubernetes mounts what a pod shows to the API server. */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

const TIMEOUT_MS = 10_000
const MOST_ANSWER_BYTES = 4 * 1024 * 1024

export interface ApiClientOptions {
  readonly address: Address
  /** Folder of `token` and `ca.crt`. */
  readonly account: string
  readonly clock: Clock
}

/** What the API server said; status 0 = nothing, for the reason in `why`. */
export interface ApiAnswer {
  readonly status: number
  /** JSON; `undefined` for an answer that is none. */
  readonly body: unknown
  /** For people: what was asked, and how it went. */
  readonly why: string
}

/** Body of a request with the type of its content. */
interface Sent {
  readonly type: string
  readonly text: string
}

/** The few calls of the Kubernetes API that are made here. Never rejects. */
export class ApiClient {
  readonly #options: ApiClientOptions
  readonly #agent = new Agent({ keepAlive: true })
  /** The server's clock, as far as it is known. */
  #serverTime: { readonly dateMs: number; readonly at: number } | undefined

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /** Unix milliseconds on the clock of the API server; on the own one until it has answered. */
  now(): number {
    const { clock } = this.#options
    return this.#serverTime === undefined ? clock.wall() : this.#serverTime.dateMs + (clock.now() - this.#serverTime.at)
  }

  get(path: string): Promise<ApiAnswer> {
    return this.#ask('GET', path)
  }

  create(path: string, object: object): Promise<ApiAnswer> {
    return this.#ask('POST', path, json(object))
  }

  /** Refused with 409 if the object has changed since its `resourceVersion`. */
  replace(path: string, object: object): Promise<ApiAnswer> {
    return this.#ask('PUT', path, json(object))
  }

  patch(path: string, operations: readonly object[]): Promise<ApiAnswer> {
    return this.#ask('PATCH', path, { type: 'application/json-patch+json', text: JSON.stringify(operations) })
  }

  close(): void {
    this.#agent.destroy()
  }

  async #ask(method: string, path: string, sent?: Sent): Promise<ApiAnswer> {
    const asked = `${method} ${path}`
    try {
      const { status, text } = await this.#exchange(method, path, sent)
      return { status, body: parsed(text), why: `${asked}: ${status}${status < 400 ? '' : ` ${reasonOf(text)}`}` }
    } catch (error) {
      return { status: 0, body: undefined, why: `${asked}: ${error instanceof Error ? error.message : String(error)}` }
    }
  }

  async #exchange(method: string, path: string, sent?: Sent): Promise<{ status: number; text: string }> {
    const { address, account, clock } = this.#options
    // Both are read anew each time: the kubelet renews the token within the hour, and the authority may change too.
    const [token, ca] = await Promise.all([readFile(join(account, 'token'), 'utf8'), readFile(join(account, 'ca.crt'))])
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${token.trim()}`,
      ...(sent === undefined ? {} : { 'content-type': sent.type, 'content-length': Buffer.byteLength(sent.text) }),
    }
    return new Promise((resolve, reject) => {
      const call = request({ ...address, method, path, headers, ca, agent: this.#agent }, (response) => {
        const date = Date.parse(response.headers.date ?? '')
        if (!Number.isNaN(date)) this.#serverTime = { dateMs: date, at: clock.now() }
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > MOST_ANSWER_BYTES) call.destroy(new Error('the answer is too long'))
          else chunks.push(chunk)
        })
        response.once('error', reject)
        response.once('end', () => {
          patience.cancel()
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
        })
      })
      const patience = clock.after(TIMEOUT_MS, () => call.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
      call.once('error', (error) => {
        patience.cancel()
        reject(error)
      })
      call.end(sent?.text)
    })
  }
}

function json(object: object): Sent {
  return { type: 'application/json', text: JSON.stringify(object) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const LONGEST_REASON = 200

/** The message of a Kubernetes `Status`, else how the answer begins. */
function reasonOf(text: string): string {
  const message = (parsed(text) as { message?: unknown } | null | undefined)?.message
  return (typeof message === 'string' ? message : text).slice(0, LONGEST_REASON)
}
