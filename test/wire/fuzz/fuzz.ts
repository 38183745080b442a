import { connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { credentials, type ServiceError } from '@grpc/grpc-js'
import { systemClock } from '../../../src/base/clock.ts'
import { addTestService } from '../../interop/test-service.ts'
import { TestService } from '../../interop/testing-proto.ts'
import { ENGINES, type Engine, listen } from '../../support/engines.ts'
import { until } from '../../support/until.ts'
import { SeededChance } from '../../torture/seeded-chance.ts'
import { type Script, scriptOf } from './script.ts'

export interface FuzzOptions {
  readonly engine: Engine
  readonly seed: number
  readonly frames: number
  /** The first connection; a run is repeated from where it went wrong. */
  readonly from?: number
  readonly onProgress?: (seen: Seen) => void
}

/** What the fuzzer has seen. All but `frames` and `connections` is of the server. */
export interface Seen {
  /** Frames that could be written. */
  frames: number
  connections: number
  /** Good calls, one after the other, on a connection of their own. */
  answered: number
  slowestMs: number
  /** Most that the process held at once above what it held at first, client ends and all. */
  mostBytes: number
  /** What it still holds when all connections are gone. */
  keptBytes: number
  /** Connections that the server had not closed after the client left. */
  lingering: number
  /** Why a good call was not answered, or what was thrown; with the connections under way. */
  readonly faults: string[]
}

const LANES = 16
const DEADLINE_MS = 10_000
const LEAVE_MS = 5_000
/** A client that does not read stays so long, so that what is kept for it can be seen. */
const DEAF_MS = 300
/** A connection that takes no more bytes is left. */
const STUCK_MS = 500
const MEMORY_EVERY = 50
const SETTLING_TURNS = 10
const SETTLING_MS = 100

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Writes the frames of one script after the other to a server on the engine, in many connections at once. */
export async function fuzz({ engine, seed, frames, from = 0, onProgress }: FuzzOptions): Promise<Seen> {
  const server = ENGINES[engine]()
  addTestService(server)
  const target = await listen(server)
  const probe = new Probe(target)
  await probe.call()
  const seen: Seen = {
    frames: 0,
    connections: from,
    answered: 0,
    slowestMs: 0,
    mostBytes: 0,
    keptBytes: 0,
    lingering: 0,
    faults: [],
  }
  const underWay = new Map<number, Script['kind']>()
  const fault = (what: string, error: unknown) => {
    const scripts = [...underWay].map(([index, kind]) => `${index} ${kind}`).join(', ')
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    seen.faults.push(`seed ${seed}, connections ${scripts}: ${what}: ${told}`)
  }
  const thrown = (error: unknown) => fault('thrown', error)
  process.on('uncaughtException', thrown)
  process.on('unhandledRejection', thrown)
  collectGarbage()
  const sockets = openSockets()
  const before = heldBytes()

  const isOver = () => seen.frames >= frames || seen.faults.length > 0
  const lane = async () => {
    while (!isOver()) {
      const index = seen.connections
      seen.connections += 1
      const script = scriptOf(new SeededChance(seedOf(seed, index)))
      underWay.set(index, script.kind)
      const { written, lingers } = await run(target, script)
      if (lingers) seen.lingering += 1
      underWay.delete(index)
      seen.frames += Math.ceil(script.frames * written)
      if (index % MEMORY_EVERY === 0) {
        seen.mostBytes = Math.max(seen.mostBytes, heldBytes() - before)
        onProgress?.(seen)
      }
    }
  }
  const probing = async () => {
    while (!isOver()) {
      try {
        seen.slowestMs = Math.max(seen.slowestMs, await probe.call())
        seen.answered += 1
      } catch (error) {
        fault('a good call', error)
      }
    }
  }
  await Promise.all([probing(), ...Array.from({ length: LANES }, lane)])
  await until('the end of all connections', () => openSockets() <= sockets, DEADLINE_MS).catch((error) =>
    fault('a leak', error),
  )
  await probe.call().catch((error) => fault('a good call after all', error))
  seen.keptBytes = (await settledBytes()) - before
  process.off('uncaughtException', thrown)
  process.off('unhandledRejection', thrown)
  probe.close()
  server.forceShutdown()
  return seen
}

/** Good calls on one connection. */
class Probe {
  readonly #client: InstanceType<typeof TestService>

  constructor(target: string) {
    this.#client = new TestService(target, credentials.createInsecure())
  }

  /** Makes one, and resolves with the milliseconds that it took. */
  call(): Promise<number> {
    const begun = systemClock.now()
    return new Promise((resolve, reject) => {
      const deadline = systemClock.wall() + DEADLINE_MS
      this.#client.UnaryCall!({ response_size: 2_000 }, { deadline }, (error: ServiceError | null) =>
        error === null ? resolve(systemClock.now() - begun) : reject(error),
      )
    })
  }

  close(): void {
    this.#client.close()
  }
}

/** How much of its script a connection could write, in [0, 1], and whether the server held on when the client had left. */
interface Played {
  readonly written: number
  readonly lingers: boolean
}

/** Plays one script to its end. */
async function run(target: string, { pieces, deaf, abrupt }: Script): Promise<Played> {
  const [host, port] = target.split(':')
  const socket = connect({ host: host!, port: Number(port), noDelay: true })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  let left = false
  void closed.then(() => {
    left = true
  })
  socket.on('error', () => {})
  if (!deaf) socket.resume()
  let pieced = 0
  for (const piece of pieces) {
    if (left || socket.writableEnded) break
    pieced += 1
    if (!socket.write(piece)) await Promise.race([drain(socket), closed, after(STUCK_MS)])
    else if (piece.length > 5_000) await new Promise<void>((resolve) => systemClock.soon(resolve))
    if (socket.writableNeedDrain) break
  }
  if (deaf) {
    await Promise.race([closed, after(DEAF_MS)])
    socket.destroy()
  } else if (abrupt) socket.resetAndDestroy()
  else socket.end()
  await Promise.race([closed, after(LEAVE_MS)])
  const lingers = !left
  socket.destroy()
  return { written: pieced / pieces.length, lingers }
}

function drain(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('drain', () => resolve()))
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.after(ms, resolve))
}

/** Seeds of neighbours have nothing in common. */
function seedOf(seed: number, index: number): number {
  return Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b) >>> 0
}

/** Both ends of each connection of this process. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

/** What is held once it does not become less any more: buffers go some turns after their sockets. */
async function settledBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let turns = 0; turns < SETTLING_TURNS; turns += 1) {
    await after(SETTLING_MS)
    collectGarbage()
    least = Math.min(least, heldBytes())
  }
  return least
}

function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
