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
  /** A command fails when it has no answer after so long; without this whoever sends it sees to that. */
  readonly answersWithinMs?: number
}

/** After so many deadlines without a byte the connection itself is suspected and given up. */
const SILENT_TIMEOUTS = 10

export const silenceAfter = (timeoutMs: number): number => timeoutMs * SILENT_TIMEOUTS

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
    // A server that is frozen would not confirm the end of its connection, and what waits for that would wait, too.
    disconnectTimeout: 0,
    ...(options.mayBeSilent ? {} : { socketTimeout: options.silenceMs }),
    ...(options.answersWithinMs === undefined ? {} : { commandTimeout: options.answersWithinMs }),
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
