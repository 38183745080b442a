import { Command, type Redis } from 'ioredis'
import type { Clock } from '../../base/clock.ts'
import type { Guard } from '../../guard/guard.ts'
import { isServerTrouble, serverReply } from './redis-reply.ts'
import type { Script } from './scripts.ts'

export type Argument = string | number | Buffer

/** A reply, and the monotonic moment just before its request left. */
export interface CommandReply<T> {
  readonly value: T
  readonly sentAt: number
}

interface Waiting {
  readonly name: string
  readonly args: readonly Argument[]
  readonly resolve: (reply: CommandReply<never>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Sends what is asked for in one tick as one pipeline: one write to the socket, one deadline, one verdict of the
 * breaker. That is what makes a guard affordable in front of every plain GET.
 */
export class RedisPipeline {
  readonly #redis: Redis
  readonly #guard: Guard
  readonly #clock: Clock
  #waiting: Waiting[] = []

  constructor(redis: Redis, guard: Guard, clock: Clock) {
    this.#redis = redis
    this.#guard = guard
    this.#clock = clock
  }

  /**
   * Replies are Buffers where Redis sends strings. Rejects with the driver's or the guard's error. `asking`: the key may be
   * in a slot that the server is still importing; the word that says so holds for the very next command only.
   */
  send<T>(name: string, args: readonly Argument[], asking = false): Promise<CommandReply<T>> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#clock.soon(() => this.#depart())
      if (asking) this.#waiting.push({ name: 'asking', args: [], resolve: () => undefined, reject: () => undefined })
      this.#waiting.push({ name, args, resolve: resolve as Waiting['resolve'], reject })
    })
  }

  /** Runs a script by its hash, and by its source where the server has forgotten it (a restart, `SCRIPT FLUSH`). */
  async run<T>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    asking = false,
  ): Promise<CommandReply<T>> {
    try {
      return await this.send<T>('evalsha', [script.sha, keys.length, ...keys, ...args], asking)
    } catch (error) {
      if (serverReply(error)?.reaction !== 'no-script') throw error
      return this.send<T>('eval', [script.source, keys.length, ...keys, ...args], asking)
    }
  }

  #depart(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#guard
      .run(() => this.#write(waiting))
      // Whoever has had an answer meanwhile is not touched by this: a promise settles once.
      .catch((error: unknown) => {
        for (const one of waiting) one.reject(error)
      })
  }

  /** Resolves when every command has been answered; rejects when the server, not just a command, was in trouble. */
  async #write(waiting: readonly Waiting[]): Promise<void> {
    const sentAt = this.#clock.now()
    let trouble: unknown
    const { stream } = this.#redis
    stream?.cork()
    const answers = waiting.map(({ name, args, resolve, reject }) => {
      const command = new Command(name, args as (string | Buffer | number)[], { replyEncoding: null })
      return (this.#redis.sendCommand(command) as Promise<never>).then(
        (value) => resolve({ value, sentAt }),
        (error: unknown) => {
          if (isServerTrouble(error)) trouble = error
          reject(error)
        },
      )
    })
    stream?.uncork()
    await Promise.all(answers)
    if (trouble !== undefined) throw trouble
  }
}
