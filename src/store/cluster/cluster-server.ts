import type { Clock } from '../../base/clock.ts'
import type { Guard } from '../../guard/guard.ts'
import type { Line, LineFailure, Server } from '../line.ts'
import { RedisServer } from '../redis/redis-server.ts'
import type { Anchor } from './anchor.ts'
import { ClusterLine } from './cluster-line.ts'

export interface ClusterServerOptions {
  /** `host:port`. */
  readonly address: string
  /** Before the names of control keys: `env:~`. */
  readonly controls: string
  /** A connection on which nothing came back for this long is given up, in ms. */
  readonly silenceMs: number
}

export interface ClusterServerParts {
  readonly guard: Guard
  readonly clock: Clock
  readonly anchor: Anchor
  /** The URL of the node at an address. */
  readonly urlAt: (address: string) => string
  /** It could not be reached: another may have taken its place. */
  readonly onUnreachable: () => void
}

/** The master of a part of the slots of a cluster, whichever node that is. */
export class ClusterServer implements Server {
  readonly #options: ClusterServerOptions
  readonly #parts: ClusterServerParts
  readonly #lines = new Set<Line>()
  #server: RedisServer
  #address: string

  constructor(options: ClusterServerOptions, parts: ClusterServerParts) {
    this.#options = options
    this.#parts = parts
    this.#address = options.address
    this.#server = this.#at(options.address)
  }

  /** `host:port`. */
  get address(): string {
    return this.#address
  }

  /** Another node has taken the place of this one. */
  rebind(address: string): void {
    this.#address = address
    this.#server = this.#at(address)
    for (const line of [...this.#lines]) line.close()
  }

  async dial(lost: (why: string) => void): Promise<Line> {
    const { anchor, onUnreachable } = this.#parts
    const { controls } = this.#options
    const server = this.#server
    let line: Line | undefined
    try {
      const redis = await server.dial((why) => {
        if (line !== undefined) this.#lines.delete(line)
        onUnreachable()
        lost(why)
      })
      if (server !== this.#server) {
        redis.close()
        throw new Error('another node has taken its place meanwhile')
      }
      line = new ClusterLine(redis, { anchor, controls })
      this.#lines.add(line)
      return line
    } catch (error) {
      onUnreachable()
      throw error
    }
  }

  refusal(): string | undefined {
    return this.#server.refusal()
  }

  judge(error: unknown): LineFailure {
    return this.#server.judge(error)
  }

  close(): void {
    this.#parts.guard.close()
  }

  #at(address: string): RedisServer {
    const { guard, clock, urlAt } = this.#parts
    return new RedisServer(
      { url: urlAt(address), silenceMs: this.#options.silenceMs, clustered: true },
      { guard, clock },
    )
  }
}
