import type { TopologyResponse__Output } from '../gen/ringside/v1/TopologyResponse.ts'
import type { Method, Service } from './call.ts'

/** What `Admin` tells of; asked at each call, so that nodes may come and go. */
export interface AdminSources {
  readonly ring: () => { readonly hash: string }
  readonly nodes: () => readonly TopologyNode[]
  readonly shards: () => readonly TopologyShard[]
  readonly breakers: () => readonly {
    readonly name: string
    state(): keyof typeof BREAKER_STATE
  }[]
}

export interface TopologyNode {
  readonly name: string
  readonly weight: number
  readonly state: keyof typeof NODE_STATE
  /** Host and port. */
  readonly primary: string
  readonly replicas: readonly string[]
}

export interface TopologyShard {
  readonly name: string
  state(): { readonly up: true } | { readonly up: false; readonly why: string }
}

const BREAKER_STATE = {
  closed: 'BREAKER_STATE_CLOSED',
  'half-open': 'BREAKER_STATE_HALF_OPEN',
  open: 'BREAKER_STATE_OPEN',
} as const

const NODE_STATE = {
  joining: 'NODE_STATE_JOINING',
  active: 'NODE_STATE_ACTIVE',
  leaving: 'NODE_STATE_LEAVING',
} as const

/** `ringside.v1.Admin`: what operators ask a sidecar for. */
export function adminService(sources: AdminSources): Service {
  return { name: 'ringside.v1.Admin', methods: { Topology: topology(sources) } }
}

function topology({ ring, nodes, shards, breakers }: AdminSources): Method<object, TopologyResponse__Output> {
  return {
    name: 'Admin.Topology',
    run() {
      const states = new Map(shards().map((shard) => [shard.name, shard.state()]))
      return {
        ring_hash: ring().hash,
        nodes: nodes().map(({ name, weight, state, primary, replicas }) => {
          const condition = states.get(name) ?? { up: false, why: 'it is not open' }
          return {
            name,
            state: NODE_STATE[state],
            weight,
            up: condition.up,
            why: condition.up ? '' : condition.why,
            primary,
            replicas: [...replicas],
          }
        }),
        breakers: breakers().map((breaker) => ({ name: breaker.name, state: BREAKER_STATE[breaker.state()] })),
      }
    },
    count: (meter) => meter.count('Admin.Topology', '', 'done', 'none'),
  }
}
