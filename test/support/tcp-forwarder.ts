import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { systemClock, type Timer } from '../../src/base/clock.ts'

/** `requests` travel from the client to the server, `replies` back. */
export type Direction = 'requests' | 'replies'

interface Pair {
  readonly lanes: Readonly<Record<Direction, Lane>>
  destroy(): void
}

/** A TCP road from a port of 127.0.0.1 to another, on which a test can cut, hold, slow down and redirect. */
export class TcpForwarder {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  readonly #held = new Set<Direction>()
  #target: number
  #delayMs = 0
  #open = true

  private constructor(server: Server, target: number) {
    this.#server = server
    this.#target = target
    server.on('connection', (client: Socket) => this.#accept(client))
  }

  static async start(target: number): Promise<TcpForwarder> {
    const server = createServer({ noDelay: true })
    const forwarder = new TcpForwarder(server, target)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return forwarder
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the forwarder is closed')
    return address.port
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  get connections(): number {
    return this.#pairs.size
  }

  /** New connections lead to another port; those that stand stay where they are. */
  point(target: number): void {
    this.#target = target
  }

  /** Destroys every connection, and with it all bytes under way; new ones are welcome. */
  cut(): void {
    for (const pair of [...this.#pairs]) pair.destroy()
  }

  /** Cuts, and closes every new connection at once, until `welcome`. */
  refuse(): void {
    this.#open = false
    this.cut()
  }

  welcome(): void {
    this.#open = true
  }

  /** Connections stay, and new ones are taken, but no byte passes until `release`: then all of them do, late. */
  hold(directions: readonly Direction[] = ['requests', 'replies']): void {
    for (const direction of directions) this.#held.add(direction)
    for (const direction of directions) for (const { lanes } of this.#pairs) lanes[direction].hold()
  }

  release(): void {
    const held = [...this.#held]
    this.#held.clear()
    for (const direction of held) for (const { lanes } of this.#pairs) lanes[direction].release()
  }

  /** Every byte takes so much longer, each way. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs
  }

  async close(): Promise<void> {
    this.refuse()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    if (!this.#open) {
      client.destroy()
      return
    }
    const server = createConnection({ port: this.#target, host: '127.0.0.1', noDelay: true })
    const delayMs = () => this.#delayMs
    const lanes = { requests: new Lane(client, server, delayMs), replies: new Lane(server, client, delayMs) }
    const destroy = () => {
      this.#pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    const pair = { lanes, destroy }
    this.#pairs.add(pair)
    for (const direction of this.#held) lanes[direction].hold()
    for (const socket of [client, server]) {
      // What an 'error' tells, the 'close' behind it does.
      socket.on('error', () => undefined)
      socket.on('close', destroy)
    }
  }
}

interface Parcel {
  readonly due: number
  readonly send: () => void
}

/** One direction of one connection: bytes leave in the order in which they came, however long each of them takes. */
class Lane {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delayMs: () => number
  readonly #queue: Parcel[] = []
  #held = false
  #timer: Timer | undefined

  constructor(from: Socket, to: Socket, delayMs: () => number) {
    this.#from = from
    this.#to = to
    this.#delayMs = delayMs
    from.on('data', (chunk: Buffer) => this.#take(() => this.#pass(chunk)))
    from.on('end', () => this.#take(() => this.#to.end()))
    to.on('drain', () => this.#from.resume())
  }

  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    this.#forward()
  }

  #take(send: () => void): void {
    this.#queue.push({ due: systemClock.now() + this.#delayMs(), send })
    this.#forward()
  }

  #forward(): void {
    this.#timer?.cancel()
    while (!this.#held) {
      const first = this.#queue[0]
      if (first === undefined) return
      const leftMs = first.due - systemClock.now()
      if (leftMs > 0) {
        this.#timer = systemClock.after(leftMs, () => this.#forward())
        return
      }
      this.#queue.shift()
      first.send()
    }
  }

  #pass(chunk: Buffer): void {
    if (this.#to.destroyed) return
    if (!this.#to.write(chunk)) this.#from.pause()
  }
}
