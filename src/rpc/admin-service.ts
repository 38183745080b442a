import type { Clock } from '../base/clock.ts'
import { RingsideError } from '../base/errors.ts'
import type { EnvironmentFlush } from '../cache/environment-flush.ts'
import type { HotKeys, KnownHotKey } from '../cache/hot-keys.ts'
import type { KeyspaceBumps } from '../cache/keyspace-bumps.ts'
import type { Warming } from '../cache/warming.ts'
import type { BumpKeyspaceRequest__Output } from '../gen/ringside/v1/BumpKeyspaceRequest.ts'
import type { BumpKeyspaceResponse__Output } from '../gen/ringside/v1/BumpKeyspaceResponse.ts'
import type { FlushRequest__Output } from '../gen/ringside/v1/FlushRequest.ts'
import type { FlushResponse__Output } from '../gen/ringside/v1/FlushResponse.ts'
import type { HotKey__Output } from '../gen/ringside/v1/HotKey.ts'
import type { HotKeysRequest__Output } from '../gen/ringside/v1/HotKeysRequest.ts'
import type { HotKeysResponse__Output } from '../gen/ringside/v1/HotKeysResponse.ts'
import type { TopologyResponse__Output } from '../gen/ringside/v1/TopologyResponse.ts'
import type { AdminGate } from './admin-gate.ts'
import { failedOutcome, type Method, type Service } from './call.ts'
import { methodUnavailable } from './unavailable-method.ts'
import { warmMethod } from './warm-method.ts'

/** What `Admin` tells of; asked at each call, so that nodes may come and go. */
export interface AdminSources {
  /** Before what changes something. */
  readonly gate: AdminGate
  readonly hotKeys: Pick<HotKeys, 'hottest'>
  readonly bumps: Pick<KeyspaceBumps, 'bump'>
  readonly warming: Pick<Warming, 'run'>
  /** `undefined` where the configuration does not allow it. */
  readonly flush: Pick<EnvironmentFlush, 'run'> | undefined
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
export function adminService(sources: AdminSources, clock: Pick<Clock, 'wall'>): Service {
  const { gate } = sources
  return {
    name: 'ringside.v1.Admin',
    methods: {
      HotKeys: hotKeys(sources, clock),
      Topology: topology(sources),
      Warm: gate.before(warmMethod(sources.warming)),
      BumpKeyspace: gate.before(bumpKeyspace(sources)),
      Flush: gate.before(flush(sources)),
    },
  }
}

const HOT_KEYS = 100

function hotKeys(
  { hotKeys }: AdminSources,
  clock: Pick<Clock, 'wall'>,
): Method<HotKeysRequest__Output, HotKeysResponse__Output> {
  return {
    name: 'Admin.HotKeys',
    async run({ keyspace, limit }) {
      const known = await hotKeys.hottest({ keyspace, limit: limit === 0 ? HOT_KEYS : limit })
      return { keys: known.map((one) => hotKey(one, clock.wall())) }
    },
    count(meter, { keyspace }, ending: HotKeysResponse__Output | RingsideError) {
      const outcome = ending instanceof RingsideError ? failedOutcome(ending.reason) : 'done'
      meter.count('Admin.HotKeys', keyspace, outcome, 'none')
    },
  }
}

function bumpKeyspace({ bumps }: AdminSources): Method<BumpKeyspaceRequest__Output, BumpKeyspaceResponse__Output> {
  return {
    name: 'Admin.BumpKeyspace',
    run: async ({ keyspace }) => ({ version: await bumps.bump(keyspace) }),
    count(meter, { keyspace }, ending: BumpKeyspaceResponse__Output | RingsideError) {
      const outcome = ending instanceof RingsideError ? failedOutcome(ending.reason) : 'done'
      meter.count('Admin.BumpKeyspace', keyspace, outcome, 'none')
    },
  }
}

const FLUSH_OFF = 'is off; it needs `admin: { flush: true }`'

function flush({ flush }: AdminSources): Method<FlushRequest__Output, FlushResponse__Output> {
  return {
    name: 'Admin.Flush',
    run: ({ environment, keys_per_second: keysPerSecond }, call) => {
      if (flush === undefined) throw methodUnavailable('Admin.Flush', FLUSH_OFF)
      return flush.run({ environment, keysPerSecond }, call)
    },
    count(meter, _, ending: FlushResponse__Output | RingsideError) {
      const outcome = ending instanceof RingsideError ? failedOutcome(ending.reason) : 'done'
      meter.count('Admin.Flush', '', outcome, 'none')
    },
  }
}

function hotKey({ name: { policy, tenant, key }, fleet, own }: KnownHotKey, wall: number): HotKey__Output {
  return {
    keyspace: policy.name,
    tenant,
    key,
    reads_per_second: fleet.readsPerSecond,
    shard_share: fleet.share,
    copies: fleet.copies,
    shard_reads_per_second: fleet.shardReadsPerSecond,
    writes_per_second: fleet.writesPerSecond,
    copied_since_unix_ms: fleet.copies === 0 ? 0 : Math.floor(wall - fleet.sinceMs),
    own_reads_per_second: own.readsPerSecond,
    own_shard_reads_per_second: own.shardReadsPerSecond,
    own_writes_per_second: own.writesPerSecond,
  }
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
