import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '../../../src/base/clock.ts'
import { type Postgres, startPostgres } from '../../support/postgres.ts'
import { type RedisServer, startRedis } from '../../support/redis.ts'
import { SeededChance } from '../seeded-chance.ts'
import { SidecarProcess } from '../sidecar-process.ts'
import { ContenderProcess } from './contender-process.ts'
import { FencedResource } from './fenced-resource.ts'

export interface TortureLocksOptions {
  readonly seed: number
  readonly program: string
  /** For how long they contend. */
  readonly forMs: number
  /** Called now and again. */
  readonly onProgress?: (text: string) => void
}

export interface TorturedLocks {
  /** What the resource let through and should not have, and holders who were refused while their lock stood. */
  readonly violations: readonly string[]
  /** Turns of each contender. */
  readonly turns: readonly number[]
  readonly writes: number
  /** Of all contenders. */
  readonly counts: ReadonlyMap<string, number>
  readonly freezes: ReadonlyMap<string, number>
}

export function locksTable({ violations, turns, writes, counts, freezes }: TorturedLocks): string {
  const listed = (some: ReadonlyMap<string, number>) => [...some].map(([name, count]) => `${name} ${count}`).join(', ')
  return [
    `turns       ${turns.join(' ')}`,
    `writes      ${writes}`,
    `seen        ${listed(counts)}`,
    `frozen      ${listed(freezes)}`,
    `violations  ${violations.length}`,
    ...violations.slice(0, 20).map((one) => `  ${one}`),
  ].join('\n')
}

const CONTENDERS = 8
const SIDECARS = 4
const SHARDS = 3
const TTL_MS = 1_000
const HEARTBEAT_MS = 500
const PROGRESS_MS = 5_000
/** What is frozen, how often, and for how long. */
const FREEZES = {
  contender: { share: 0.6, ms: [1.2 * TTL_MS, 3 * TTL_MS] },
  sidecar: { share: 0.85, ms: [0.3 * TTL_MS, 3 * TTL_MS] },
  shard: { share: 1, ms: [0.1 * TTL_MS, 1.5 * TTL_MS] },
} as const
const BETWEEN_MS = [100, 600] as const

/**
 * Eight processes want one lock through four sidecars, and write to a row that refuses smaller fencing tokens, while
 * contenders, sidecars and shards are frozen (SIGSTOP), mostly for longer than the lock's ttl.
 */
export async function tortureLocks(options: TortureLocksOptions): Promise<TorturedLocks> {
  const world = new LockWorld(options)
  process.once('exit', world.abandon)
  try {
    await world.start()
    return await world.run()
  } finally {
    process.off('exit', world.abandon)
    await world.stop()
  }
}

class LockWorld {
  readonly #options: TortureLocksOptions
  readonly #chance: SeededChance
  readonly #directory = mkdtempSync(join(tmpdir(), 'ringside-locks-'))
  readonly #servers: RedisServer[] = []
  readonly #sidecars: SidecarProcess[] = []
  readonly #contenders: ContenderProcess[] = []
  readonly #freezes = new Map<string, number>()
  #postgres: Postgres | undefined
  #resource: FencedResource | undefined

  constructor(options: TortureLocksOptions) {
    this.#options = options
    this.#chance = new SeededChance(options.seed)
  }

  readonly abandon = (): void => {
    for (const one of [...this.#contenders, ...this.#sidecars]) one.abandon()
  }

  async start(): Promise<void> {
    const { program, seed } = this.#options
    const postgres = await startPostgres()
    this.#postgres = postgres
    this.#resource = new FencedResource(postgres)
    await this.#resource.make()
    for (let index = 0; index < SHARDS; index += 1) this.#servers.push(await startRedis())
    const config = configOf(this.#servers)
    for (let index = 0; index < SIDECARS; index += 1) {
      const name = `sidecar-${index}`
      this.#sidecars.push(await SidecarProcess.start({ name, program, directory: join(this.#directory, name), config }))
    }
    for (let index = 0; index < CONTENDERS; index += 1) {
      const { grpc: target } = this.#sidecars[index % SIDECARS] as SidecarProcess
      const about = { name: `contender-${index}`, target, database: postgres.url, ttlMs: TTL_MS, seed: seed + index }
      this.#contenders.push(new ContenderProcess(about))
    }
    await Promise.all(this.#contenders.map((contender) => contender.ready()))
  }

  async run(): Promise<TorturedLocks> {
    const { forMs, onProgress } = this.#options
    const over = new AbortController()
    const timer = systemClock.after(forMs, () => over.abort())
    const lanes = [this.#freezeOn(over.signal), this.#freezeOn(over.signal)]
    while (!over.signal.aborted) {
      await pause(systemClock, PROGRESS_MS, over.signal)
      onProgress?.(this.#progress())
    }
    timer.cancel()
    await Promise.all(lanes)
    await Promise.all(this.#contenders.map((contender) => contender.finish()))
    const resource = this.#resource as FencedResource
    const robberies = this.#contenders.flatMap((contender) => contender.robberies)
    return {
      violations: [...(await resource.violations()), ...robberies.map((one) => `${one} while its lock stood`)],
      turns: this.#contenders.map((contender) => contender.count('granted')),
      writes: await resource.count(),
      counts: this.#counts(),
      freezes: this.#freezes,
    }
  }

  async stop(): Promise<void> {
    for (const contender of this.#contenders) contender.abandon()
    await Promise.all(this.#sidecars.map((sidecar) => sidecar.kill()))
    await Promise.all(this.#servers.map((server) => server.stop()))
    await this.#postgres?.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #freezeOn(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await pause(systemClock, this.#chance.between(...BETWEEN_MS), over)
      if (over.aborted) return
      const dice = this.#chance.uniform()
      const what = dice < FREEZES.contender.share ? 'contender' : dice < FREEZES.sidecar.share ? 'sidecar' : 'shard'
      const victims = { contender: this.#contenders, sidecar: this.#sidecars, shard: this.#servers }[what]
      const victim = this.#chance.pick<{ freeze(): void; thaw(): void }>(victims)
      this.#freezes.set(what, (this.#freezes.get(what) ?? 0) + 1)
      victim.freeze()
      await pause(systemClock, this.#chance.between(...FREEZES[what].ms))
      victim.thaw()
    }
  }

  #progress(): string {
    const turns = this.#contenders.map((contender) => contender.count('granted'))
    const listed = [...this.#counts()].map(([event, count]) => `${count} ${event}`)
    return `turns ${turns.join(' ')} · ${listed.join(', ')}`
  }

  #counts(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (const { counts } of this.#contenders)
      for (const [event, count] of counts) if (event !== 'ready') sums.set(event, (sums.get(event) ?? 0) + count)
    return sums
  }
}

function configOf(servers: readonly RedisServer[]): string {
  const nodes = servers.map(({ url }, index) => ({ name: `shard-${index}`, primary: url }))
  return [
    'env: torture',
    `heartbeat: ${HEARTBEAT_MS}ms`,
    `shards: ${JSON.stringify({ topology: 'ring', nodes })}`,
    'limits: { loopLag: 0s }',
    'locks: { enabled: true }',
  ].join('\n')
}
