import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, formatAddress } from '../base/address.ts'
import { RingsideError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Readiness } from './readiness.ts'

/** Probes and scrapes are small and come from near by: whoever takes longer to ask is cut off. */
const REQUEST_TIMEOUT_MS = 10_000

export interface HttpServerOptions {
  /** Port 0 lets the system choose. */
  readonly listen: Address
  readonly readiness: () => Readiness
  readonly metrics: { readonly contentType: string; render(): Promise<string> }
  readonly log: Log
}

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

type Route = () => Page | Promise<Page>

/** Probes and metrics over HTTP: `/livez`, `/readyz`, `/metrics`. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #server: Server
  readonly #routes: ReadonlyMap<string, Route>

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#routes = new Map<string, Route>([
      // An answer at all is the proof: the event loop turns.
      ['/livez', () => json(200, { live: true })],
      ['/readyz', () => readyPage(options.readiness())],
      [
        '/metrics',
        async () => ({ status: 200, type: options.metrics.contentType, body: await options.metrics.render() }),
      ],
    ])
    this.#server = createServer((request, response) => void this.#reply(request, response))
    this.#server.requestTimeout = REQUEST_TIMEOUT_MS
    this.#server.headersTimeout = REQUEST_TIMEOUT_MS
  }

  /** Rejects with `CONFIG_INVALID` when the address cannot be had. */
  start(): Promise<void> {
    const { listen, log } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) => reject(listenFailure(listen, cause)))
      this.#server.listen({ host: listen.host, port: listen.port }, () => {
        this.#server.removeAllListeners('error')
        this.#server.on('error', (error) => log.error({ stack: error.stack }, 'the HTTP server failed'))
        resolve()
      })
    })
  }

  /** Host and port that it listens on; `undefined` before `start` and after `close`. */
  address(): string | undefined {
    const bound = this.#server.address() as AddressInfo | null
    return bound === null ? undefined : formatAddress({ host: bound.address, port: bound.port })
  }

  /** At once: requests under way are cut off. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await this.#page(request)
    const allow = page.status === 405 ? { allow: 'GET, HEAD' } : {}
    response.writeHead(page.status, {
      'content-type': page.type,
      'content-length': Buffer.byteLength(page.body),
      'cache-control': 'no-store',
      ...allow,
    })
    response.end(request.method === 'HEAD' ? undefined : page.body)
  }

  async #page({ method, url }: IncomingMessage): Promise<Page> {
    const path = (url ?? '/').split('?', 1)[0] ?? '/'
    const route = this.#routes.get(path)
    if (route === undefined) {
      return json(404, { error: 'no such page', pages: [...this.#routes.keys()] })
    }
    if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET and HEAD are served' })
    try {
      return await route()
    } catch (error) {
      this.#options.log.error(
        { path, stack: error instanceof Error ? error.stack : undefined },
        'a page could not be made',
      )
      return json(500, { error: 'the page could not be made; the log of the sidecar has the cause' })
    }
  }
}

function readyPage(readiness: Readiness): Page {
  return json(readiness.ready ? 200 : 503, readiness)
}

function json(status: number, body: object): Page {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` }
}

function listenFailure({ host, port }: Address, cause: Error): RingsideError {
  const address = formatAddress({ host, port })
  const flaw =
    (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? 'is in use by another process; stop it or choose another address'
      : `cannot be listened on (${cause.message}); choose another address`
  return new RingsideError('CONFIG_INVALID', `listen.admin: ${address} ${flaw}`, { cause })
}
