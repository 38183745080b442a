import type { Breaker } from '../guard/breaker.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import { RINGS_DIFFER_MOST_MS } from '../store/ring/ring-alarm.ts'
import type { Shard } from '../store/shard.ts'
import type { Readiness } from './readiness.ts'

export type Phase = 'starting' | 'running' | 'draining'

export interface Facts {
  readonly phase: Phase
  readonly keyspaces: readonly KeyspacePolicy[]
  readonly shards: readonly Pick<Shard, 'name' | 'state'>[]
  readonly ring: { readonly differMs: number }
  /** By the names of their origins. */
  readonly originBreakers: ReadonlyMap<string, Pick<Breaker, 'state'>>
  /** Whether this sidecar has a place in its fleet, by origin. */
  readonly shares: readonly { readonly origin: string; readonly seat: string; readonly leased: boolean }[]
  /** Where events come from. */
  readonly events: readonly EventFacts[]
  /** What of the configuration file is not in force. */
  readonly config: { readonly reasons: readonly string[]; readonly details: object }
}

export interface EventFacts {
  readonly name: string
  state(): { readonly is: string; readonly why?: string }
  /** What is to be known of it although it works. */
  warnings(): readonly string[]
}

/**
 * A sidecar is ready as long as it can answer anything: one that has lost some shards still is, since those keys come
 * from the origin or fail fast, and to take its pod away would help nobody. Between start and drain it is not ready in
 * one case alone: no shard answers, and no keyspace has an origin that may be asked instead and gives answers.
 */
export function assessReadiness(facts: Facts): Readiness {
  const { phase, keyspaces, shards, ring, originBreakers, shares, events, config } = facts
  const reasons = phase === 'running' ? [] : [`the sidecar is ${phase}`]
  reasons.push(...shards.flatMap(reasonsOfShard), ...reasonsOfOrigins(facts))
  const isCut = shards.every((shard) => !shard.state().up)
  const lost = isCut ? keyspaces.filter((policy) => !canAskOrigin(policy, originBreakers)) : []
  if (lost.length > 0) {
    reasons.push(`without any shard these keyspaces cannot be answered: ${lost.map(({ name }) => name).join(', ')}`)
  }
  reasons.push(...ringReasons(ring), ...events.flatMap(reasonsOfEvents), ...config.reasons)
  return {
    started: phase !== 'starting',
    ready: phase === 'running' && !(isCut && lost.length === keyspaces.length),
    reasons,
    details: {
      phase,
      shards: Object.fromEntries(shards.map((shard) => [shard.name, shard.state()])),
      origins: Object.fromEntries([...originBreakers].map(([name, breaker]) => [name, { breaker: breaker.state() }])),
      shares: Object.fromEntries(shares.map(({ origin, seat, leased }) => [origin, { seat, leased }])),
      events: Object.fromEntries(events.map((source) => [source.name, source.state()])),
      config: config.details,
      ring: { differMs: Math.round(ring.differMs) },
    },
  }
}

function ringReasons({ differMs }: Facts['ring']): readonly string[] {
  if (differMs <= RINGS_DIFFER_MOST_MS) return []
  const seconds = Math.round(differMs / 1_000)
  const why = 'not all have the same list of nodes, or a shard gives no answer'
  return [`the rings of the sidecars have differed for ${seconds} s: ${why}`]
}

/** Whether a keyspace has an answer where no shard has: its origin, if the policy allows that and a call would leave. */
function canAskOrigin({ origin, degradedThen }: KeyspacePolicy, breakers: Facts['originBreakers']): boolean {
  if (origin === undefined || degradedThen === 'fail') return false
  return breakers.get(origin)?.state() !== 'open'
}

function reasonsOfEvents(source: EventFacts): readonly string[] {
  const { why } = source.state()
  return [...(why === undefined ? [] : [why]), ...source.warnings()]
}

function reasonsOfShard(shard: Facts['shards'][number]): readonly string[] {
  const { name } = shard
  const now = shard.state()
  return now.up ? now.warnings.map((warning) => `shard ${name}: ${warning}`) : [`shard ${name} is down: ${now.why}`]
}

function reasonsOfOrigins({ originBreakers, shares }: Facts): readonly string[] {
  const failing = [...originBreakers]
    .filter(([, breaker]) => breaker.state() !== 'closed')
    .map(([name, breaker]) => `origin ${name} is failing: its circuit breaker is ${breaker.state()}`)
  const beyond = shares
    .filter(({ seat }) => seat === 'beyond')
    .map(({ origin }) => `origin ${origin}: more sidecars are alive than \`fleet\` says; raise it`)
  return [...failing, ...beyond]
}
