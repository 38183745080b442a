import type { Breaker } from '../guard/breaker.ts'
import type { KeyspacePolicy } from '../keyspace/policy.ts'
import type { Shard } from '../store/shard.ts'
import type { Readiness } from './readiness.ts'

export type Phase = 'starting' | 'running' | 'draining'

export interface Facts {
  readonly phase: Phase
  readonly keyspaces: readonly KeyspacePolicy[]
  readonly shards: readonly Shard[]
  readonly originBreakers: readonly Breaker[]
}

/**
 * A sidecar is ready as long as it does its callers more good than harm: one that has lost some shards still is, since
 * those keys come from the origin or fail fast; one that has lost them all is not, if any keyspace cannot do without.
 */
export function assessReadiness({ phase, keyspaces, shards, originBreakers }: Facts): Readiness {
  const reasons: string[] = []
  if (phase !== 'running') reasons.push(`the sidecar is ${phase}`)
  let down = 0
  for (const shard of shards) {
    const state = shard.state()
    if (!state.up) {
      down += 1
      reasons.push(`shard ${shard.name} is down: ${state.why}`)
    } else for (const warning of state.warnings) reasons.push(`shard ${shard.name}: ${warning}`)
  }
  for (const breaker of originBreakers) {
    if (breaker.state() !== 'closed')
      reasons.push(`origin ${breaker.name} is failing: its circuit breaker is ${breaker.state()}`)
  }
  const lost = down === shards.length ? keyspaces.filter(needsShards).map((policy) => policy.name) : []
  if (lost.length > 0) reasons.push(`without any shard these keyspaces cannot be served: ${lost.join(', ')}`)
  return {
    ready: phase === 'running' && lost.length === 0,
    reasons,
    details: {
      phase,
      shards: Object.fromEntries(shards.map((shard) => [shard.name, shard.state()])),
      origins: Object.fromEntries(originBreakers.map((breaker) => [breaker.name, { breaker: breaker.state() }])),
    },
  }
}

function needsShards(policy: KeyspacePolicy): boolean {
  return policy.origin === undefined || policy.degradedThen === 'fail'
}
