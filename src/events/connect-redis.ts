import { Redis, type RedisOptions } from 'ioredis'
import { RingsideError } from '../base/errors.ts'
import { sourceUnavailable } from './source-unavailable.ts'

/** Connecting, and every answer, take no longer than this, or the session is over. */
const PATIENCE_MS = 5_000

/** One connection that never connects again. Rejects with `ORIGIN_UNAVAILABLE`. */
export async function connectRedis(source: string, url: string): Promise<Redis> {
  const settings: RedisOptions & { replyMapping: 'legacy' } = {
    connectionName: 'ringside-events',
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    keepAlive: PATIENCE_MS,
    retryStrategy: () => null,
    disconnectTimeout: 0,
  }
  const redis = new Redis(url, settings)
  let why: unknown
  // What was under way when a connection breaks fails by itself; without a listener the event would be printed.
  redis.on('error', (error: Error) => {
    why = error
  })
  try {
    await redis.connect()
    return redis
  } catch (error) {
    redis.disconnect()
    throw redisFailure(source, why ?? error)
  }
}

/** The driver's error as ours: its message holds the first word of what Redis said at most, the rest may quote values. */
export function redisFailure(source: string, error: unknown): RingsideError {
  if (error instanceof RingsideError) return error
  const word = replyWord(error)
  if (word === 'NOAUTH' || word === 'WRONGPASS') {
    return sourceUnavailable(source, `refuses the login (${word}); check user and password in its url`, error)
  }
  if (word !== undefined) return sourceUnavailable(source, `failed (${word})`, error)
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'the connection was lost or timed out'
  return sourceUnavailable(source, `cannot be reached (${code})`, error)
}

/** The word by which Redis names an error, such as `NOGROUP`; `undefined` for what is no reply. */
export function replyWord(error: unknown): string | undefined {
  return error instanceof Error ? /^([A-Z]{2,}) /.exec(error.message)?.[1] : undefined
}
