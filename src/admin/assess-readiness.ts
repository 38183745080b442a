import type { Breaker } from '../guard/breaker.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import { RINGS_DIFFER_MOST_MS } from '../store/ring-tier.ts'
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
  /** What of the configuration file is not in force. */
  readonly config: { readonly reasons: readonly string[]; readonly details: object }
}

/**
 * A sidecar is ready as long as it can answer anything: one that has lost some shards still is, since those keys come
 * from the origin or fail fast, and to take its pod away would help nobody. Between start and drain it is not ready in
 * one case alone: no shard answers, and no keyspace has an origin that may be asked instead and gives answers.
 */
export function assessReadiness({ phase, keyspaces, shards, ring, originBreakers, config }: Facts): Readiness {
  const reasons: string[] = []
  if (phase !== 'running') reasons.push(`the sidecar is ${phase}`)
  for (const shard of shards) {
    const state = shard.state()
    if (!state.up) reasons.push(`shard ${shard.name} is down: ${state.why}`)
    else for (const warning of state.warnings) reasons.push(`shard ${shard.name}: ${warning}`)
  }
  for (const [name, breaker] of originBreakers) {
    if (breaker.state() !== 'closed')
      reasons.push(`origin ${name} is failing: its circuit breaker is ${breaker.state()}`)
  }
  const isCut = shards.every((shard) => !shard.state().up)
  const lost = isCut ? keyspaces.filter((policy) => !canAskOrigin(policy, originBreakers)) : []
  if (lost.length > 0) {
    reasons.push(`without any shard these keyspaces cannot be answered: ${lost.map(({ name }) => name).join(', ')}`)
  }
  reasons.push(...ringReasons(ring), ...config.reasons)
  return {
    ready: phase === 'running' && !(isCut && lost.length === keyspaces.length),
    reasons,
    details: {
      phase,
      shards: Object.fromEntries(shards.map((shard) => [shard.name, shard.state()])),
      origins: Object.fromEntries([...originBreakers].map(([name, breaker]) => [name, { breaker: breaker.state() }])),
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
