import { isTagName } from '../../keyspace/physical-key.ts'
import type { Line, Reply } from '../line.ts'
import type { ArgumentsOf, Beat, OperationName, Pulse, ResultOf } from '../operations.ts'
import type { RedisLine } from '../redis/redis-line.ts'
import { serverReply } from '../redis/redis-reply.ts'
import type { ServerFacts } from '../server-facts.ts'
import type { Anchor } from './anchor.ts'

export interface ClusterLineParts {
  readonly anchor: Anchor
  /** Before the names of control keys, as those above know them: `env:~`. */
  readonly controls: string
}

/** In a cluster whose slots run away from it, a heartbeat is given up after so many. */
const MOST_MOVES = 3

/**
 * A line to a master of a cluster. It puts the control keys into a slot of that master, and follows them when they have
 * to go to another: nothing above it knows of slots.
 */
export class ClusterLine implements Line {
  readonly importing: Pick<Line, 'send'>
  readonly #line: RedisLine
  readonly #anchor: Anchor
  readonly #controls: string
  readonly #probes: string
  /** The answer to the last heartbeat: what is known of the memory at the other end. */
  #told: Pulse | undefined

  constructor(line: RedisLine, { anchor, controls }: ClusterLineParts) {
    this.#line = line
    this.#anchor = anchor
    this.#controls = controls
    this.#probes = `${controls}probe:`
    this.importing = { send: (name, args) => line.send(name, args, true) }
  }

  send<Name extends OperationName>(name: Name, args: ArgumentsOf<Name>): Promise<Reply<ResultOf<Name>>> {
    if (name === 'beat') return this.#beat(args as Beat) as Promise<Reply<ResultOf<Name>>>
    if (name === 'get' && (args as ArgumentsOf<'get'>).key.startsWith(this.#probes)) {
      return this.#probe((args as ArgumentsOf<'get'>).key) as Promise<Reply<ResultOf<Name>>>
    }
    if (name === 'heat' || name === 'hottest') {
      const table = args as ArgumentsOf<'heat' | 'hottest'>
      return this.#line.send(name, { ...table, key: this.#tagged(table.key) } as ArgumentsOf<Name>)
    }
    if (name === 'keepTag' || (name === 'invalidate' && isTagName((args as ArgumentsOf<'invalidate'>).key))) {
      return this.#line.send(name, { ...args, life: this.#tagged(`${this.#controls}life`) } as ArgumentsOf<Name>)
    }
    return this.#line.send(name, args)
  }

  track(changed: (key: string | undefined) => void): Promise<void> {
    const tagged = `${this.#controls}{`
    return this.#line.track((key) => {
      changed(key?.startsWith(tagged) ? this.#controls + key.slice(key.indexOf('}') + 1) : key)
    })
  }

  pingChannel(): Promise<void> {
    return this.#line.pingChannel()
  }

  inspect(): Promise<ServerFacts> {
    return this.#line.inspect()
  }

  close(): void {
    this.#line.close()
  }

  async #beat(beat: Beat): Promise<Reply<Pulse>> {
    await this.#anchor.find(this.#line)
    for (let moves = 0; ; moves += 1) {
      const { slot, controls } = this.#anchor
      try {
        const probe = beat.probe && this.#tagged(beat.probe)
        const reply = await this.#line.send('beat', { ...beat, controls, probe })
        this.#told = reply.value
        this.#anchor.heard(reply.value)
        return reply
      } catch (error) {
        if (slot === undefined || !hasLeft(error) || moves === MOST_MOVES) throw error
        await this.#anchor.leave(slot, this.#line, this.#told)
      }
    }
  }

  /** A probe whose slot has left is not to be heard of; the heartbeat behind it is what matters. */
  async #probe(key: string): Promise<Reply<ResultOf<'get'>>> {
    const args = { key: this.#tagged(key) }
    return this.#line.send('get', args).catch((error: unknown) => {
      if (!hasLeft(error)) throw error
      return { value: undefined, sentAt: 0, serverUs: undefined }
    })
  }

  #tagged(key: string): string {
    return this.#anchor.controls + key.slice(this.#controls.length)
  }
}

/** Whether the slot has left the master, or all that was in it is on its way. */
function hasLeft(error: unknown): boolean {
  return serverReply(error)?.reaction === 'moved'
}
