import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { formatShare } from '../../base/share.ts'
import { formatSize } from '../../base/size.ts'
import { COMPRESSION_ALGORITHMS } from '../../keyspace/compression.ts'
import { keyPatternText } from '../../keyspace/key-pattern.ts'
import { type DegradedThen, type KeyspacePolicy, WRITE_STRATEGIES } from '../../keyspace/policy.ts'
import { VALUE_ENCODINGS, type ValueEncoding } from '../../keyspace/value-encoding.ts'
import { keyPattern, nearSwitch, tenants } from '../keyspace-scalars.ts'
import { choice, duration, entryName, flag, integer, name, share, size } from '../scalars.ts'
import { describePreload, preloadOf, warmFields } from './keyspace-warm.ts'

const keyspaceFields = z.strictObject({
  kind: choice(['value', 'counter'])
    .prefault('value')
    .describe('What its keys hold: value for bytes, counter for sums of 64 bits that Increment adds to.'),
  consistency: choice(['strong', 'bounded', 'tolerant']).describe(
    'How fresh answers are: strong sees every acknowledged change, bounded those older than maxStaleness, tolerant likewise but with a bound of ttl by default.',
  ),
  maxStaleness: duration({ max: '365d' })
    .optional()
    .describe('The freshness bound: required by bounded, not for strong.'),
  ttl: duration({ min: '1ms', max: '365d' }).describe('How long a value is kept.'),
  jitter: share({ max: '90%' }).prefault('10%').describe('By how much of it the ttl is shortened at random.'),
  softTtl: duration({ min: '1ms' })
    .optional()
    .describe('Age at which one sidecar refreshes the value ahead of expiry; shorter than ttl.'),
  negativeTtl: duration()
    .optional()
    .describe('How long "the origin has none" is believed; at most ttl, 30s or ttl unless given, 0s for not at all.'),
  encoding: choice(VALUE_ENCODINGS)
    .optional()
    .describe('What values are written in, for reads that ask for `fields`; what its origin makes of rows, else json.'),
  origin: name().optional().describe('Where values are loaded from; without one the app fills the cache itself.'),
  compress: z
    .strictObject({
      above: size({ max: '256MiB' }).prefault('4KiB').describe('Only values of more than this.'),
      algorithm: choice(COMPRESSION_ALGORITHMS)
        .prefault('deflate')
        .describe(
          'By what: deflate is the fastest, brotli makes values a little smaller and takes longer to store them.',
        ),
    })
    .optional()
    .describe('How values are made smaller in the shared tier; without it they are stored as they are.'),
  version: integer({ min: 1, max: 1_000_000_000 }).prefault(1).describe('Raise it to leave all stored values behind.'),
  key: keyPattern().optional().describe('Regular expression that the whole key must match.'),
  tenants: tenants()
    .prefault('none')
    .describe('Who may name a tenant: none, optional, required, or a list of tenants of which one is required.'),
  near: nearSwitch()
    .optional()
    .describe(
      'Whether the near cache is used: true, false or { enabled, maxShare }, the latter being how much of it the keyspace may take; true unless given, false for strong and for counters.',
    ),
  degraded: z
    .strictObject({
      maxStaleness: duration({ max: '365d' })
        .prefault('0s')
        .describe('How stale an answer may be in an emergency; 0s for never.'),
      // biome-ignore lint/suspicious/noThenProperty: the public name of the key
      then: choice(['origin', 'stale', 'fail'])
        .optional()
        .describe(
          'When the shard has no answer within the bound: ask the origin first, answer stale first, or fail. origin unless given; without an origin stale, or fail where nothing may be stale.',
        ),
    })
    .prefault({})
    .describe('What happens while the shard cannot answer.'),
  hot: z
    .strictObject({
      maxCopies: integer({ min: 0, max: 64 })
        .optional()
        .describe('Most extra copies of a hot key, on as many other shards; 4 unless given, 0 for strong.'),
    })
    .prefault({})
    .describe('What happens with hot keys.'),
  replicas: z
    .strictObject({
      read: flag()
        .prefault(false)
        .describe('Whether replicas may be read, as far as they are known to have come; not for strong.'),
      wait: integer({ min: 0, max: 16 })
        .prefault(0)
        .describe('How many replicas must confirm a change. Only 0 for now.'),
    })
    .prefault({})
    .describe('What replicas are used for.'),
  writes: z
    .strictObject({
      strategy: choice(WRITE_STRATEGIES)
        .optional()
        .describe(
          'When the origin hears of a change, and what becomes of the stored value: invalidate drops it when the origin has taken the change, write-through puts the new one in its place, write-behind stores it at once and tells the origin later. invalidate unless given; for counters write-behind alone.',
        ),
      acceptLoss: flag()
        .prefault(false)
        .describe('Says that acknowledged changes may be lost when a shard fails; write-behind needs it.'),
      maxBacklog: integer({ min: 1, max: 100_000_000 })
        .prefault(100_000)
        .describe('Most changes that wait for their origins on one shard; beyond it Write and Increment are refused.'),
      coalesce: duration({ min: '1ms', max: '1s' })
        .optional()
        .describe('For counters: what is added to one within so long through one sidecar is added together.'),
    })
    .optional()
    .describe('How Write changes the origin, which must be able to store; without it Write is refused.'),
  warm: warmFields,
})

export const keyspacesSection = z.record(entryName(), keyspaceFields)

export type KeyspaceFields = z.output<typeof keyspaceFields>

const NEGATIVE_TTL_MS = 30_000
const MAX_COPIES = 4

export interface KeyspacePlace {
  /** Its place in the list of keyspaces. */
  readonly index: number
  /** The lag of its origin. */
  readonly lagMs: number
  /** What its origin writes values in; `undefined` = it does not say. */
  readonly originEncoding?: ValueEncoding | undefined
}

/** The policy of a keyspace whose fields have passed their rules. */
export function keyspacePolicy(name: string, fields: KeyspaceFields, place: KeyspacePlace): KeyspacePolicy {
  const { consistency, ttl, origin } = fields
  const negativeTtl = fields.negativeTtl ?? Math.min(NEGATIVE_TTL_MS, ttl)
  const nearShare = fields.near?.maxShare ?? 1
  return {
    name,
    version: fields.version,
    kind: fields.kind,
    consistency,
    boundMs: consistency === 'strong' ? 0 : (fields.maxStaleness ?? ttl),
    ttlMs: ttl,
    jitter: fields.jitter,
    softTtlMs: fields.softTtl,
    negativeTtlMs: origin === undefined ? 0 : negativeTtl,
    origin,
    encoding: fields.encoding ?? place.originEncoding ?? 'json',
    compress: fields.compress && { algorithm: fields.compress.algorithm, aboveBytes: fields.compress.above },
    tenants: fields.tenants,
    keyPattern: fields.key,
    near: fields.near?.enabled ?? (consistency !== 'strong' && fields.kind === 'value'),
    nearShare,
    nearGroup: nearShare < 1 ? place.index : undefined,
    lagMs: place.lagMs,
    maxCopies: fields.hot.maxCopies ?? (consistency === 'strong' ? 0 : MAX_COPIES),
    replicaReads: fields.replicas.read,
    writes: writeStrategy(fields),
    maxBacklog: fields.writes?.maxBacklog ?? 0,
    coalesceMs: fields.writes?.coalesce ?? 0,
    degradedMs: fields.degraded.maxStaleness,
    degradedThen: fields.degraded.then ?? defaultThen(fields),
    preload: preloadOf(fields.warm),
  }
}

function writeStrategy({ kind, writes }: KeyspaceFields): KeyspacePolicy['writes'] {
  return writes?.strategy ?? (writes === undefined || kind === 'counter' ? undefined : 'invalidate')
}

function describeWrites({ writes: strategy, maxBacklog, coalesceMs }: KeyspacePolicy): object {
  const coalesce = coalesceMs === 0 ? {} : { coalesce: formatDuration(coalesceMs) }
  if (strategy === 'write-behind') return { writes: { strategy, acceptLoss: true, maxBacklog, ...coalesce } }
  const writes = strategy === undefined ? coalesce : { strategy, ...coalesce }
  return Object.keys(writes).length === 0 ? {} : { writes }
}

function describeCompression({ compress }: KeyspacePolicy): object {
  if (compress === undefined) return {}
  return { compress: { above: formatSize(compress.aboveBytes), algorithm: compress.algorithm } }
}

function defaultThen({ origin, degraded }: KeyspaceFields): DegradedThen {
  if (origin !== undefined) return 'origin'
  return degraded.maxStaleness > 0 ? 'stale' : 'fail'
}

/** The policy as a keyspace of a configuration: nothing that its consistency, or the lack of an origin, forbids. */
export function describeKeyspace(policy: KeyspacePolicy): object {
  const strong = policy.consistency === 'strong'
  return {
    ...(policy.kind === 'value' ? {} : { kind: policy.kind }),
    consistency: policy.consistency,
    ...(strong ? {} : { maxStaleness: formatDuration(policy.boundMs) }),
    ttl: formatDuration(policy.ttlMs),
    jitter: formatShare(policy.jitter),
    ...(policy.softTtlMs === undefined ? {} : { softTtl: formatDuration(policy.softTtlMs) }),
    ...(policy.origin === undefined
      ? {}
      : { negativeTtl: formatDuration(policy.negativeTtlMs), origin: policy.origin }),
    encoding: policy.encoding,
    ...describeCompression(policy),
    version: policy.version,
    ...(policy.keyPattern === undefined ? {} : { key: keyPatternText(policy.keyPattern) }),
    tenants: policy.tenants,
    near: policy.nearShare < 1 ? { enabled: policy.near, maxShare: formatShare(policy.nearShare) } : policy.near,
    hot: { maxCopies: policy.maxCopies },
    replicas: { read: policy.replicaReads },
    ...describeWrites(policy),
    ...describePreload(policy.preload),
    // biome-ignore lint/suspicious/noThenProperty: the public name of the key
    degraded: { maxStaleness: formatDuration(policy.degradedMs), then: policy.degradedThen },
  }
}
