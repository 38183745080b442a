import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { formatDuration } from '../../base/duration.ts'
import { formatRate } from '../../base/rate.ts'
import { postgresUrl } from '../endpoints.ts'
import { maskUrl } from '../mask-url.ts'
import { ruleFor } from '../rule.ts'
import { choice, duration, entryName, integer, rate, text } from '../scalars.ts'
import { usesParameter } from '../sql-parameter.ts'

/** So many loads at once do no harm to what serves a database's readers. */
const USUAL_FLOOR = 4

const guardFields = {
  timeout: duration({ min: '1ms', max: '10m' }).prefault('2s').describe('Deadline of one load.'),
  batch: integer({ min: 1, max: 100_000 }).prefault(500).describe('Most keys in one load.'),
  maxConcurrent: integer({ min: 1, max: 10_000 }).prefault(16).describe('Most loads at once.'),
  minConcurrent: integer({ min: 1, max: 10_000 })
    .optional()
    .describe('How many loads it may always run at once, however slow or failing it is.'),
  maxWaiting: integer({ min: 0, max: 1_000_000 })
    .prefault(10_000)
    .describe('Most keys that wait for a place; of those above it, the ones that matter least are refused.'),
  coldRate: rate({ min: '1/s', max: '10000000/s' })
    .optional()
    .describe('Most keys a second that readers may have loaded, in the whole fleet.'),
  lag: duration({ max: '10m' })
    .prefault('0s')
    .describe(
      'How far behind the truth the origin may be, as a lagging replica is: for so long after an invalidation, what is loaded is answered but not stored.',
    ),
}

const postgresFields = z.strictObject({
  type: z.literal('postgres').describe('A PostgreSQL database.'),
  url: postgresUrl().describe('Where the database is. Keep its password in an environment variable.'),
  load: text(
    'an SQL statement that yields `key` and `value` of the keys in $1, such as: select … where id = any($1)',
    {},
    (statement) => /\$1(?!\d)/.test(statement),
  ).describe('SQL that yields `key` and `value` for the keys in $1, an array; $2 is the tenant.'),
  encoding: choice(['json', 'msgpack'])
    .prefault('json')
    .describe('How values are served: as the text they are, JSON for json and jsonb, or as MessagePack.'),
  store: text(
    'an SQL statement that stores the values in $2 under the keys in $1, both arrays',
    {},
    (statement) => usesParameter(statement, 1) && usesParameter(statement, 2) && !beyond(statement, 4),
  )
    .optional()
    .describe(
      'SQL that stores the values in $2 under the keys in $1, both arrays; $3 is the tenant, $4 the array of versions. Needed by keyspaces with `writes`.',
    ),
  delete: text(
    'an SQL statement that deletes the keys in $1, an array',
    {},
    (statement) => usesParameter(statement, 1) && !beyond(statement, 3),
  )
    .optional()
    .describe('SQL that deletes the keys in $1, an array; $2 is the tenant, $3 the array of versions.'),
  warm: text(
    'an SQL statement that yields the $2 keys after $1, such as: select id as key from … where $1::text is null or id > $1 order by id limit $2',
    {},
    (statement) => usesParameter(statement, 1) && usesParameter(statement, 2) && !beyond(statement, 3),
  )
    .optional()
    .describe(
      'SQL that yields, as `key`, the $2 keys that follow $1 (NULL = from the first) in an order of its own; $3 is the tenant. For warming.',
    ),
  ...guardFields,
})

/** Whether a statement names parameters that there are none of. */
function beyond(statement: string, most: number): boolean {
  return [...statement.matchAll(/\$(\d+)/g)].some(([, number]) => Number(number) > most)
}

const grpcFields = z.strictObject({
  type: z.literal('grpc').describe('An app that serves ringside.v1.Origin.'),
  target: text('a gRPC target, such as 127.0.0.1:50051', {}, (target) => /^[^\s\p{Cc}]+$/u.test(target)).describe(
    'Where the app listens, as gRPC names it.',
  ),
  ...guardFields,
})

const fileFields = z.strictObject({
  type: z.literal('file').describe('A file of JSON lines `{"key": …, "value": …}`, to try things out.'),
  path: text('the path of a file', {}, (path) => path !== '' && !path.includes('\0')).describe(
    "Path of the file, relative to the configuration's own folder.",
  ),
  latency: duration({ max: '10m' }).prefault('0s').describe('How long each load pretends to take.'),
  ...guardFields,
})

const originFields = z.discriminatedUnion('type', [postgresFields, grpcFields, fileFields])

export const originsSection = z.record(entryName(), originFields)

/** Across the fields of one origin. */
const rule = ruleFor<OriginFields>()
export const originRules = [
  rule(['minConcurrent', 'maxConcurrent'], ({ minConcurrent, maxConcurrent }, report) => {
    if (minConcurrent === undefined || minConcurrent <= maxConcurrent) return
    report(['minConcurrent'], `must not be above \`maxConcurrent\`, which is ${maxConcurrent}`)
  }),
]

export type OriginFields = z.output<typeof originFields>

export interface OriginGuardConfig {
  readonly name: string
  readonly timeoutMs: number
  readonly batch: number
  /** At most `maxConcurrent`. */
  readonly minConcurrent: number
  readonly maxConcurrent: number
  readonly maxWaiting: number
  /** Keys a second; `undefined` = as many as there are places for. */
  readonly coldRate: number | undefined
  readonly lagMs: number
}

export interface PostgresOriginConfig extends OriginGuardConfig {
  readonly type: 'postgres'
  readonly url: string
  /** The URL without secrets: for logs and messages. */
  readonly urlShown: string
  readonly load: string
  readonly encoding: 'json' | 'msgpack'
  /** `undefined` = nothing can be stored, or deleted. */
  readonly store: string | undefined
  readonly delete: string | undefined
  /** `undefined` = its keys cannot be listed. */
  readonly warm: string | undefined
}

export interface GrpcOriginConfig extends OriginGuardConfig {
  readonly type: 'grpc'
  readonly target: string
}

export interface FileOriginConfig extends OriginGuardConfig {
  readonly type: 'file'
  /** Absolute where the configuration's own place is known. */
  readonly path: string
  readonly latencyMs: number
}

export type OriginConfig = PostgresOriginConfig | GrpcOriginConfig | FileOriginConfig

export interface OriginSurroundings {
  /** Path of the configuration file; `undefined` if it is none. */
  readonly file: string | undefined
  /** The origin's URL with the values of variables masked; `undefined` if it has none. */
  readonly maskedUrl: string | undefined
}

export function originConfig(
  name: string,
  fields: OriginFields,
  { file, maskedUrl }: OriginSurroundings,
): OriginConfig {
  const { timeout: timeoutMs, batch, maxConcurrent, maxWaiting, coldRate, lag: lagMs } = fields
  const minConcurrent = Math.min(fields.minConcurrent ?? USUAL_FLOOR, maxConcurrent)
  const guard = { name, timeoutMs, batch, minConcurrent, maxConcurrent, maxWaiting, coldRate, lagMs }
  switch (fields.type) {
    case 'postgres': {
      const { type, url, load, encoding, store, delete: deleting, warm } = fields
      const statements = { load, encoding, store, delete: deleting, warm }
      return { type, url, urlShown: maskUrl(maskedUrl ?? url), ...statements, ...guard }
    }
    case 'grpc':
      return { type: fields.type, target: fields.target, ...guard }
    case 'file': {
      const path = file === undefined ? fields.path : resolve(dirname(file), fields.path)
      return { type: fields.type, path, latencyMs: fields.latency, ...guard }
    }
  }
}

export function describeOrigin(origin: OriginConfig): object {
  const { batch, minConcurrent, maxConcurrent, maxWaiting } = origin
  const coldRate = origin.coldRate === undefined ? {} : { coldRate: formatRate(origin.coldRate) }
  const [timeout, lag] = [formatDuration(origin.timeoutMs), formatDuration(origin.lagMs)]
  const guard = { timeout, batch, minConcurrent, maxConcurrent, maxWaiting, ...coldRate, lag }
  switch (origin.type) {
    case 'postgres':
      return { type: origin.type, url: origin.urlShown, ...statementsOf(origin), ...guard }
    case 'grpc':
      return { type: origin.type, target: origin.target, ...guard }
    case 'file':
      return { type: origin.type, path: origin.path, latency: formatDuration(origin.latencyMs), ...guard }
  }
}

function statementsOf({ load, encoding, store, delete: deleting, warm }: PostgresOriginConfig): object {
  return {
    load,
    encoding,
    ...(store === undefined ? {} : { store }),
    ...(deleting === undefined ? {} : { delete: deleting }),
    ...(warm === undefined ? {} : { warm }),
  }
}
