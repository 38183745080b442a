import { Redis, type RedisOptions } from 'ioredis'

export interface RedisConnectionOptions {
  /** `redis://` or `rediss://` (TLS), with user and password where the server asks for them. */
  readonly url: string
  /** A connection on which nothing came back for this long is given up. */
  readonly silenceMs: number
  /** The server is meant to be a node of a Redis Cluster. */
  readonly clustered?: boolean
  /** Nothing need ever come back: it is for listening. */
  readonly mayBeSilent?: boolean
}

/**
 * One connection that never queues, never resends and never connects again: a command that cannot leave now fails now, so
 * that the read climbs to its next rung; what was under way when the connection broke has an unknown outcome and is not
 * repeated. Who wants another connection opens another, and the host name is then resolved anew.
 */
export function openRedis(options: RedisConnectionOptions): Redis {
  const settings: RedisOptions & { replyMapping: 'legacy' } = {
    connectionName: 'ringside',
    // Under RESP3 ioredis drops `invalidate` pushes without an event.
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: options.silenceMs,
    retryStrategy: () => null,
    ...(options.mayBeSilent ? {} : { socketTimeout: options.silenceMs }),
  }
  return new Redis(options.url, settings)
}

/** Connects. Rejects with what the connection itself said of its failure; `lost` is called when it ends after that. */
export async function connectRedis(redis: Redis, lost: (why: string) => void): Promise<void> {
  let why = 'the connection was closed'
  let isOpen = false
  redis.on('error', (error: Error) => {
    why = error.message
  })
  redis.on('end', () => {
    if (isOpen) lost(why)
  })
  try {
    await redis.connect()
    isOpen = true
  } catch {
    redis.disconnect()
    throw new Error(why)
  }
}
