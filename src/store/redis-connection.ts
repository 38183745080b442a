import { Redis, type RedisOptions } from 'ioredis'
import type { Chance } from '../base/chance.ts'

export interface RedisConnectionOptions {
  readonly name: string
  /** `redis://` or `rediss://` (TLS), with user and password where the server asks for them. */
  readonly url: string
  /** A connection on which nothing came back for this long is given up and opened anew. */
  readonly silenceMs: number
}

const RECONNECT_FIRST_MS = 50
const RECONNECT_MOST_MS = 2_000

/**
 * One connection that never queues and never resends: a command that cannot leave now fails now, so that the read
 * climbs to its next rung; what was under way when the connection broke has an unknown outcome and is not repeated.
 * Host names are resolved anew at every reconnect, and reconnects are jittered so that a fleet does not arrive as one.
 */
export function openRedis(options: RedisConnectionOptions, chance: Chance): Redis {
  const settings: RedisOptions & { replyMapping: 'legacy' } = {
    connectionName: 'ringside',
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: options.silenceMs,
    socketTimeout: options.silenceMs,
    retryStrategy: (attempt) => {
      const delayMs = Math.min(RECONNECT_MOST_MS, RECONNECT_FIRST_MS * 2 ** Math.min(attempt - 1, 10))
      return delayMs * (0.5 + chance.uniform())
    },
  }
  return new Redis(options.url, settings)
}
