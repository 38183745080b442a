import { systemChance } from '../../../src/base/chance.ts'
import { silentLog } from '../../../src/base/log.ts'
import { ALL_RULES } from '../../../src/base/rules.ts'
import { Rings } from '../../../src/ring/rings.ts'
import { EmbeddedServer } from '../../../src/store/memory/memory-line.ts'
import { MemoryServer } from '../../../src/store/memory/memory-server.ts'
import type { NodeState, StatedNode } from '../../../src/store/ring/ring-plan.ts'
import { RingTier } from '../../../src/store/ring-tier.ts'
import type { Content } from '../../../src/store/shard.ts'
import { TierShard } from '../../../src/store/tier-shard.ts'
import { ManualClock } from '../../support/manual-clock.ts'

export const HEARTBEAT_MS = 1_000
export const SLICES = 4

/** `a`, or `b:leaving`. */
export const nodes = (...words: readonly string[]): readonly StatedNode[] =>
  words.map((word) => {
    const [name = '', state = 'active'] = word.split(':')
    return { name, weight: 1, state: state as NodeState }
  })

export const content = (text: string): Content => ({
  kind: 'value',
  value: Buffer.from(text),
  ttlMs: 600_000,
  softTtlMs: undefined,
  staleKeepMs: 0,
  loadedAgoMs: 0,
  loadCostMs: 0,
})

/** Tiers of several sidecars over the same servers in process, with the clock in the test's hands. */
export class RingFleet {
  readonly clock = new ManualClock()
  readonly #rings = new Rings()
  readonly #servers = new Map<string, MemoryServer>()
  /** Names of the shards that have been closed, by member. */
  readonly closed: string[] = []
  mayGoOn = true

  /** A sidecar that has not been started. */
  make(member: string, ...words: readonly string[]): RingTier {
    const open = (name: string) => this.open(member, name)
    return new RingTier(
      { nodes: nodes(...words), heartbeatMs: HEARTBEAT_MS, slices: SLICES },
      {
        shards: nodes(...words).map(({ name }) => open(name)),
        onLeft: () => undefined,
        mayGoOn: () => this.mayGoOn,
        clock: this.clock,
        log: silentLog,
        rings: this.#rings,
      },
    )
  }

  async join(member: string, ...words: readonly string[]): Promise<RingTier> {
    const tier = this.make(member, ...words)
    const started = tier.start()
    await this.beats(3)
    await started
    return tier
  }

  async change(tier: RingTier, member: string, ...words: readonly string[]): Promise<void> {
    await tier.change(nodes(...words), async (name) => this.open(member, name))
  }

  /** Time for so many heartbeats. */
  async beats(count: number): Promise<void> {
    for (let step = 0; step < count * 4; step += 1) await this.clock.advance(HEARTBEAT_MS / 4)
  }

  open(member: string, name: string): TierShard {
    const options = { name, controls: 'test:~', member, timeoutMs: 500, heartbeatMs: HEARTBEAT_MS, rules: ALL_RULES }
    const server = new EmbeddedServer(this.#server(name), 1 << 24, this.clock)
    const parts = { clock: this.clock, chance: systemChance, log: silentLog, onChanged: () => undefined }
    const shard = new TierShard(options, { ...parts, server })
    const close = shard.close.bind(shard)
    shard.close = async () => {
      this.closed.push(`${member}/${name}`)
      await close()
    }
    return shard
  }

  #server(name: string): MemoryServer {
    const known = this.#servers.get(name)
    if (known !== undefined) return known
    const timeUs = () => (1_700_000_000_000 + this.clock.now()) * 1_000
    const server = new MemoryServer({ maxBytes: 1 << 24, timeUs, runId: name })
    this.#servers.set(name, server)
    return server
  }
}

/** Keys by the home that they leave and the one that they come to. */
export function keysThatMove(from: readonly string[], to: readonly string[], count: number): readonly string[] {
  const rings = new Rings()
  const [before, after] = [from, to].map((names) => rings.of(nodes(...names)))
  const keys: string[] = []
  for (let number = 0; keys.length < count; number += 1) {
    const key = `test:k:v1::${number}`
    if (before?.home(key) !== after?.home(key)) keys.push(key)
  }
  return keys
}
