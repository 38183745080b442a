// Gets at a fixed rate, whether or not answers come: a request counts from the moment it was due.  argv: PacedLoad as JSON
import { cpuUsage } from 'node:process'
import { framedGet } from './get-message.ts'
import { RawConnection } from './raw-connection.ts'
import { zipf } from './zipf.ts'

/** What to send, for how long, and over how many connections. */
export interface PacedLoad {
  readonly address: string
  readonly perSecond: number
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly connections: number
  /** Keys k0, k1, … of each keyspace, and the share of all requests that goes to it. */
  readonly keyspaces: readonly {
    readonly name: string
    readonly keys: number
    readonly share: number
    /** Exponent of Zipf's law, by which requests spread over the keys. */
    readonly skew: number
    readonly valueBytes: number
  }[]
}

/** Latencies count from the moment at which a request was due. */
export interface PacedRun {
  /** Answers a second, to the last one. */
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Answers without the value. */
  readonly failed: number
  /** How much of its core the load took, from 0 to 1. */
  readonly cpuShare: number
}

/** Requests due leave together this often: one write for each would cost more than all the rest. */
const PUMP_MS = 0.25
const REMEMBERED = 1 << 16
const WINDOW_BYTES = 2 ** 30

/** Numerical Recipes' generator, for the same keys in each run. */
function sequence(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function paced(load: PacedLoad): Promise<PacedRun> {
  const random = sequence()
  const spaces = load.keyspaces.map(({ name, keys, skew, share }) => ({
    share,
    bodies: Array.from({ length: keys }, (_, key) => framedGet({ keyspace: name, key: `k${key}` })),
    rank: zipf(keys, skew, random),
  }))
  const leastBytes = Math.min(...load.keyspaces.map(({ valueBytes }) => valueBytes))
  const pick = (): Buffer => {
    let at = 0
    for (let rest = random(); at < spaces.length - 1; at += 1) {
      rest -= spaces[at]!.share
      if (rest < 0) break
    }
    const { bodies, rank } = spaces[at]!
    return bodies[rank()]!
  }

  const warmUps = Math.round(load.perSecond * load.warmUpSeconds)
  const total = warmUps + Math.round(load.perSecond * load.seconds)
  const tookMs = new Float32Array(total - warmUps)
  let [sent, measured, ended, failed, turn, beganAt, pumpedAt] = [0, 0, 0, 0, 0, 0, 0]
  const dueAt = (index: number) => beganAt + (index * 1_000) / load.perSecond
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })

  const buffer = Buffer.allocUnsafeSlow(256 << 10)
  const lanes = Array.from({ length: load.connections }, () => {
    const sentAs = new Uint32Array(REMEMBERED)
    const onEnd = (stream: number, bytes: number) => {
      const index = sentAs[(stream >> 1) % REMEMBERED] as number
      ended += 1
      if (bytes < leastBytes) failed += 1
      if (index >= warmUps) tookMs[measured++] = performance.now() - dueAt(index)
      if (ended === total) finish()
    }
    const onRead = () => {
      pump()
      return true
    }
    const connection = new RawConnection({ address: load.address, windowBytes: WINDOW_BYTES, buffer, onEnd, onRead })
    return { connection, sentAs }
  })
  await Promise.all(lanes.map(({ connection }) => connection.ready))

  function pump(): void {
    const now = performance.now()
    if (beganAt === 0 || now - pumpedAt < PUMP_MS) return
    pumpedAt = now
    const due = Math.min(total, Math.floor(((now - beganAt) / 1_000) * load.perSecond) + 1)
    for (let full = 0; sent < due && full < lanes.length; turn += 1) {
      const { connection, sentAs } = lanes[turn % lanes.length] as (typeof lanes)[number]
      if (connection.hasRoom) {
        sentAs[(connection.get(pick()) >> 1) % REMEMBERED] = sent++
        full = 0
      } else full += 1
    }
    for (const { connection } of lanes) connection.flush()
  }
  beganAt = performance.now()
  const cpuBefore = cpuUsage()
  const timer = setInterval(pump, 1)
  await finished
  clearInterval(timer)
  const seconds = (performance.now() - beganAt) / 1_000
  const { user, system } = cpuUsage(cpuBefore)
  tookMs.sort()
  const quantile = (share: number) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))] as number
  return {
    perSecond: total / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
    failed,
    cpuShare: (user + system) / 1e6 / seconds,
  }
}

const run = await paced(JSON.parse(process.argv[2] as string) as PacedLoad)
process.stdout.write(JSON.stringify(run))
process.exit()
