import type { Redis } from 'ioredis'
import type { Line, Reply } from '../line.ts'
import type { ArgumentsOf, OperationName, ResultOf } from '../operations.ts'
import { type ServerFacts, UNKNOWN_FACTS } from '../server-facts.ts'
import { connectRedis, openRedis, type RedisConnectionOptions } from './redis-connection.ts'
import { REDIS_OPERATIONS, type RedisOperation } from './redis-operations.ts'
import type { Argument, RedisPipeline } from './redis-pipeline.ts'
import { failureKind } from './redis-reply.ts'
import { SCRIPTS, type ScriptName, type ScriptReply } from './scripts.ts'
import { serverFacts } from './server-info.ts'

/** Where Redis tells a client that redirects its tracking what has changed. */
const INVALIDATIONS = '__redis__:invalidate'

/** A connection to a Redis server, and the one beside it on which it hears what has changed. */
export class RedisLine implements Line {
  readonly #redis: Redis
  readonly #pipeline: RedisPipeline
  readonly #options: RedisConnectionOptions
  #channel: Redis | undefined

  constructor(redis: Redis, pipeline: RedisPipeline, options: RedisConnectionOptions) {
    this.#redis = redis
    this.#pipeline = pipeline
    this.#options = options
    redis.on('end', () => this.#channel?.disconnect())
  }

  /** `asking`: the key may be in a slot that the server is still importing. */
  async send<Name extends OperationName>(
    name: Name,
    args: ArgumentsOf<Name>,
    asking = false,
  ): Promise<Reply<ResultOf<Name>>> {
    const operation: RedisOperation<Name> = REDIS_OPERATIONS[name]
    if ('command' in operation) {
      const [command, words] = operation.command(args)
      const { value, sentAt } = await this.#pipeline.send(command, words, asking)
      return { value: operation.answer(value), sentAt, serverUs: undefined }
    }
    const { script, keys } = operation
    const sent = this.#pipeline.run<ScriptReply>(SCRIPTS[script], keys(args), operation.args(args), asking)
    const { value, sentAt } = await sent
    return { value: operation.result(value), sentAt, serverUs: value[1] }
  }

  /** Runs a script that is no operation of a shard. */
  async run<T>(script: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<T> {
    return (await this.#pipeline.run<T>(SCRIPTS[script], keys, args)).value
  }

  async track(changed: (key: string | undefined) => void): Promise<void> {
    const channel = openRedis({ ...this.#options, mayBeSilent: true })
    this.#channel = channel
    await connectRedis(channel, () => this.close())
    const id = await channel.client('ID')
    channel.on('messageBuffer', (name: Buffer, keys: readonly Buffer[] | null) => {
      if (name.toString() !== INVALIDATIONS) return
      if (keys === null) return changed(undefined)
      for (const key of keys) changed(key.toString())
    })
    await channel.subscribe(INVALIDATIONS)
    // Redis does not keep a client from hearing of its own changes unless it is asked to (NOLOOP).
    await this.#pipeline.send('client', ['TRACKING', 'ON', 'REDIRECT', id])
  }

  async pingChannel(): Promise<void> {
    await this.#channel?.ping()
  }

  async inspect(): Promise<ServerFacts> {
    const [info, limit] = await Promise.allSettled([
      this.#pipeline.send<Buffer>('info', []),
      this.#pipeline.send<readonly Buffer[]>('config', ['GET', 'tracking-table-max-keys']),
    ])
    if (info.status === 'rejected') {
      const why = failureKind(info.reason)
      return { ...UNKNOWN_FACTS, warnings: [`the server does not answer INFO (${why}): its memory cannot be watched`] }
    }
    const facts = serverFacts(info.value.value.toString('latin1'), this.#options.clustered)
    const most = limit.status === 'fulfilled' ? Number(limit.value.value[1] ?? 0) : 0
    return { ...facts, trackedKeysLimit: most > 0 ? most : undefined }
  }

  close(): void {
    this.#channel?.disconnect()
    this.#redis.disconnect()
  }
}
