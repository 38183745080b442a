import type { Redis } from 'ioredis'
import type { Clock } from '../../base/clock.ts'
import { type Guard, GuardRefused } from '../../guard/guard.ts'
import type { LineFailure, Server } from '../line.ts'
import { connectRedis, openRedis } from './redis-connection.ts'
import { RedisLine } from './redis-line.ts'
import { RedisPipeline } from './redis-pipeline.ts'
import { failureKind, serverReply } from './redis-reply.ts'

export interface RedisServerOptions {
  /** `redis://` or `rediss://` (TLS), with user and password where the server asks for them. */
  readonly url: string
  /** A connection on which nothing came back for this long is given up, in ms. */
  readonly silenceMs: number
  /** It is meant to be a node of a Redis Cluster. */
  readonly clustered?: boolean
  /** A server that says it is no primary is left again. */
  readonly onlyPrimary?: boolean
}

/** A Redis or Valkey server; one guard stands in front of all lines to it. */
export class RedisServer implements Server {
  readonly #options: RedisServerOptions
  readonly #guard: Guard
  readonly #clock: Clock

  constructor(options: RedisServerOptions, parts: { readonly guard: Guard; readonly clock: Clock }) {
    this.#options = options
    this.#guard = parts.guard
    this.#clock = parts.clock
  }

  async dial(lost: (why: string) => void): Promise<RedisLine> {
    const redis = openRedis(this.#options)
    await connectRedis(redis, lost)
    const pipeline = new RedisPipeline(redis, this.#guard, this.#clock)
    if (this.#options.onlyPrimary) await leaveUnlessPrimary(redis, pipeline)
    return new RedisLine(redis, pipeline, this.#options)
  }

  refusal(): string | undefined {
    return this.#guard.state() === 'open' ? 'its circuit breaker is open' : undefined
  }

  judge(error: unknown): LineFailure {
    return judgeRedis(error)
  }

  close(): void {
    this.#guard.close()
  }
}

export function judgeRedis(error: unknown): LineFailure {
  const reply = serverReply(error)
  return {
    kind: failureKind(error),
    meaning: reply?.word === 'READONLY' ? 'elsewhere' : reply?.reaction === 'reply' ? 'malformed' : 'unanswered',
    retryAfterMs: error instanceof GuardRefused ? error.retryAfterMs : undefined,
  }
}

async function leaveUnlessPrimary(redis: Redis, pipeline: RedisPipeline): Promise<void> {
  try {
    const { value } = await pipeline.send<readonly Buffer[]>('role', [])
    if (value[0]?.toString() !== 'master') throw new Error('the server that is said to be the primary is a replica')
  } catch (error) {
    redis.disconnect()
    throw error
  }
}
