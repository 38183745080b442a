import type { Server } from 'node:http'
import type { Address } from '../base/address.ts'
import { addressOf, listenOn } from './listen-on.ts'
import { createPageServer, type PageSources } from './page-server.ts'

export interface HttpServerOptions extends PageSources {
  /** Port 0 lets the system choose. */
  readonly listen: Address
  /** What the address is called where it cannot be had; `listen.admin` unless given. */
  readonly key?: string
}

/** Probes and metrics over HTTP, at an address of their own. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #server: Server

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#server = createPageServer(options)
  }

  /** Rejects with `CONFIG_INVALID` when the address cannot be had. */
  start(): Promise<void> {
    return listenOn(this.#server, this.#options.listen, this.#options.key ?? 'listen.admin', this.#options.log)
  }

  /** Host and port that it listens on; `undefined` before `start` and after `close`. */
  address(): string | undefined {
    return addressOf(this.#server)
  }

  /** At once: requests under way are cut off. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }
}
